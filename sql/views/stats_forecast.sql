-- How much to expect, by source and hour, from that hour of the day in the last 14 days.
drop materialized view if exists stats_forecast;
create materialized view stats_forecast as
with

seasonal as (
    select
        source,
        extract(hour from hour_at at time zone 'UTC') as hour_of_day,
        avg(count_logs)::double precision as expected_logs,
        avg(count_anomalies)::double precision as expected_anomalies,
        -- A count varies by chance alone with the root of its mean; two days may hide that.
        greatest(stddev_samp(count_logs)::double precision, sqrt(avg(count_logs))) as deviation_logs,
        greatest(stddev_samp(count_anomalies)::double precision, sqrt(avg(count_anomalies))) as deviation_anomalies,
        count(*) as count_days
    from source_hours()
    group by source, extract(hour from hour_at at time zone 'UTC')
),

next_hours as (
    select
        hour_at,
        extract(hour from hour_at at time zone 'UTC') as hour_of_day
    from
        generate_series(
            date_trunc('hour', now(), 'UTC'), date_trunc('hour', now(), 'UTC') + interval '23 hours', interval '1 hour'
        ) as hours (hour_at)
)

select
    seasonal.source,
    next_hours.hour_at,
    seasonal.expected_logs,
    greatest(seasonal.expected_logs - 2 * seasonal.deviation_logs, 0) as low_logs,
    seasonal.expected_logs + 2 * seasonal.deviation_logs as high_logs,
    seasonal.expected_anomalies,
    seasonal.count_days,
    greatest(seasonal.expected_anomalies - 2 * seasonal.deviation_anomalies, 0) as low_anomalies,
    seasonal.expected_anomalies + 2 * seasonal.deviation_anomalies as high_anomalies
from next_hours
inner join seasonal using (hour_of_day);

create unique index stats_forecast_key on stats_forecast (source, hour_at);

comment on materialized view stats_forecast is
'One row per source and hour of the next 24, the one now running first, where that hour of the day is known.';
comment on column stats_forecast.source is 'Program or service.';
comment on column stats_forecast.hour_at is 'Start of the hour (UTC).';
comment on column stats_forecast.expected_logs is 'Mean of that hour of the day over the last 14 days.';
comment on column stats_forecast.low_logs is 'Two standard deviations below it, not under zero.';
comment on column stats_forecast.high_logs is 'Two standard deviations above it.';
comment on column stats_forecast.expected_anomalies is 'Mean anomalies of that hour of the day.';
comment on column stats_forecast.count_days is 'Days that the mean is over.';
comment on column stats_forecast.low_anomalies is 'Two standard deviations below expected_anomalies, not under zero.';
comment on column stats_forecast.high_anomalies is 'Two standard deviations above it.';
