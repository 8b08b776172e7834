-- name: trends in api.rows
-- Volume by hour up to the last refresh, of all sources together or of one.
select
    to_char(stats_hourly.hour_at at time zone 'UTC', %(iso)s) as hour_at,
    %(source)s::text as source,
    sum(stats_hourly.count_logs)::bigint as count_logs,
    sum(stats_hourly.count_anomalies)::bigint as count_anomalies,
    sum(stats_hourly.count_warnings)::bigint as count_warnings,
    sum(stats_hourly.count_errors)::bigint as count_errors,
    sum(stats_hourly.count_severe)::bigint as count_severe
from stats_hourly
cross join stats_overview
where
    stats_hourly.hour_at > stats_overview.refreshed_at - %(hours)s * interval '1 hour'
    and (%(source)s::text is null or stats_hourly.source = %(source)s)
group by stats_hourly.hour_at
order by stats_hourly.hour_at;

-- name: trends_source in api.rows
-- Of each of the forty busiest sources, or of one: its hours as columns of numbers, which are a tenth
-- of the bytes of as many rows. An hour is its number since 1970 began; they come in no order.
with

shown as (
    select
        stats_hourly.source,
        stats_hourly.count_logs,
        stats_hourly.count_anomalies,
        stats_hourly.count_errors,
        (date_part('epoch', stats_hourly.hour_at) / 3600)::integer as hour
    from stats_hourly
    cross join stats_overview
    where
        stats_hourly.hour_at > stats_overview.refreshed_at - %(hours)s * interval '1 hour'
        and (
            stats_hourly.source = %(source)s
            or (
                %(source)s::text is null
                and stats_hourly.source in (
                    select stats_sources.source
                    from stats_sources
                    order by stats_sources.count_logs desc, stats_sources.source asc
                    limit 40
                )
            )
        )
)

select
    source,
    json_agg(hour) as hours,
    json_agg(count_logs) as count_logs,
    json_agg(count_anomalies) as count_anomalies,
    json_agg(count_errors) as count_errors
from shown
group by source
order by source;

-- name: forecast in api.items
-- What to expect in the next 24 hours: of one source, or of each of the forty busiest. Seven digits are
-- more than an expectation has, and a third less to send.
select
    stats_forecast.source,
    to_char(hour_at at time zone 'UTC', %(iso)s) as hour_at,
    stats_forecast.expected_logs::real as expected_logs,
    stats_forecast.low_logs::real as low_logs,
    stats_forecast.high_logs::real as high_logs,
    stats_forecast.expected_anomalies::real as expected_anomalies,
    stats_forecast.low_anomalies::real as low_anomalies,
    stats_forecast.high_anomalies::real as high_anomalies,
    stats_forecast.count_days
from stats_forecast
where
    stats_forecast.source = %(source)s
    or (
        %(source)s::text is null
        and stats_forecast.source in (
            select stats_sources.source
            from stats_sources
            order by stats_sources.count_logs desc, stats_sources.source asc
            limit 40
        )
    )
order by stats_forecast.source asc, stats_forecast.hour_at asc;

-- name: outside in api.items
-- Hours of the last day that left what the days before let expect, the latest first.
select
    stats_outside_forecast.source,
    to_char(hour_at at time zone 'UTC', %(iso)s) as hour_at,
    stats_outside_forecast.count_logs,
    stats_outside_forecast.expected_logs,
    stats_outside_forecast.low_logs,
    stats_outside_forecast.high_logs,
    stats_outside_forecast.count_anomalies,
    stats_outside_forecast.expected_anomalies,
    stats_outside_forecast.high_anomalies,
    stats_outside_forecast.is_volume_outside,
    stats_outside_forecast.is_anomalies_outside
from stats_outside_forecast
where %(source)s::text is null or stats_outside_forecast.source = %(source)s
order by stats_outside_forecast.hour_at desc, stats_outside_forecast.source asc
limit %(count_items)s;

-- name: daily in api.items
-- Volume by day, of the last 90 days, the latest first.
select
    day,
    source,
    count_logs,
    count_anomalies,
    count_warnings,
    count_errors,
    count_severe,
    count_declared,
    count_agreed,
    mean_score
from stats_daily
where %(source)s::text is null or source = %(source)s
order by day desc, source asc
limit %(count_items)s;
