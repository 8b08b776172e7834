-- Every hour of the last 14 days of every source from its first one on: an hour without logs is a
-- zero, not a gap. The hour now running is left out.
create or replace function source_hours()
returns table (source text, hour_at timestamptz, count_logs bigint, count_anomalies bigint)
language sql
stable
set search_path from current
as $$
    with

    present as (
        select
            source,
            hour_at,
            sum(count_logs)::bigint as count_logs,
            sum(count_anomalies)::bigint as count_anomalies
        from prediction_hourly
        where hour_at > now() - interval '14 days' and hour_at < date_trunc('hour', now(), 'UTC')
        group by source, hour_at
    ),

    spans as (
        select
            source,
            min(hour_at) as first_at
        from present
        group by source
    )

    select
        spans.source,
        hours.hour_at,
        coalesce(present.count_logs, 0),
        coalesce(present.count_anomalies, 0)
    from spans
    cross join
        generate_series(spans.first_at, date_trunc('hour', now(), 'UTC') - interval '1 hour', interval '1 hour')
            as hours (hour_at)
    left join present on spans.source = present.source and hours.hour_at = present.hour_at;
$$;

comment on function source_hours() is 'One row per source and full hour of the last 14 days, zeros included.';
