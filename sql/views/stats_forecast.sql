-- How many logs to expect, by source and hour of the day, from the last 14 days.
drop materialized view if exists stats_forecast;
create materialized view stats_forecast as
with

present as (
    select
        source,
        hour_at,
        sum(count_logs) as count_logs,
        sum(count_anomalies) as count_anomalies
    from prediction_hourly
    where hour_at > now() - interval '14 days' and hour_at < date_trunc('hour', now())
    group by source, hour_at
),

spans as (
    select
        source,
        min(hour_at) as first_at
    from present
    group by source
),

-- An hour without logs is a zero, not a gap, once the source has been seen.
complete as (
    select
        spans.source,
        hours.hour_at,
        coalesce(present.count_logs, 0) as count_logs,
        coalesce(present.count_anomalies, 0) as count_anomalies
    from spans
    cross join
        generate_series(spans.first_at, date_trunc('hour', now()) - interval '1 hour', interval '1 hour')
            as hours (hour_at)
    left join present on spans.source = present.source and hours.hour_at = present.hour_at
),

seasonal as (
    select
        source,
        extract(hour from hour_at at time zone 'UTC') as hour_of_day,
        avg(count_logs) as expected_logs,
        coalesce(stddev_samp(count_logs), sqrt(avg(count_logs))) as deviation_logs,
        avg(count_anomalies) as expected_anomalies,
        count(*) as count_days
    from complete
    group by source, extract(hour from hour_at at time zone 'UTC')
)

select
    seasonal.source,
    hours.hour_at,
    seasonal.expected_logs::double precision as expected_logs,
    greatest(seasonal.expected_logs - 2 * seasonal.deviation_logs, 0)::double precision as low_logs,
    (seasonal.expected_logs + 2 * seasonal.deviation_logs)::double precision as high_logs,
    seasonal.expected_anomalies::double precision as expected_anomalies,
    seasonal.count_days
from
    generate_series(date_trunc('hour', now()), date_trunc('hour', now()) + interval '23 hours', interval '1 hour')
        as hours (hour_at)
inner join seasonal on seasonal.hour_of_day = extract(hour from hours.hour_at at time zone 'UTC');

create unique index stats_forecast_key on stats_forecast (source, hour_at);

comment on materialized view stats_forecast is
'One row per source and hour of the next 24, where that hour of the day is known.';
comment on column stats_forecast.source is 'Program or service.';
comment on column stats_forecast.hour_at is 'Start of the hour (UTC).';
comment on column stats_forecast.expected_logs is 'Mean of that hour of the day over the last 14 days.';
comment on column stats_forecast.low_logs is 'Two standard deviations below it, not under zero.';
comment on column stats_forecast.high_logs is 'Two standard deviations above it.';
comment on column stats_forecast.expected_anomalies is 'Mean anomalies of that hour of the day.';
comment on column stats_forecast.count_days is 'Days that the mean is over.';
