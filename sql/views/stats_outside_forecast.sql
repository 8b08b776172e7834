-- Where the last day left what the days before it let expect.
drop materialized view if exists stats_outside_forecast;
create materialized view stats_outside_forecast as
with

hours as (
    select
        *,
        extract(hour from hour_at at time zone 'UTC') as hour_of_day,
        hour_at >= date_trunc('hour', now(), 'UTC') - interval '24 hours' as is_judged
    from source_hours()
),

seasonal as (
    select
        source,
        hour_of_day,
        avg(count_logs)::double precision as expected_logs,
        avg(count_anomalies)::double precision as expected_anomalies,
        -- Three deviations, or three roots of a count for what little varied: one hour in some hundreds.
        3 * greatest(stddev_samp(count_logs)::double precision, sqrt(avg(count_logs)), 1) as margin_logs,
        3 * greatest(stddev_samp(count_anomalies)::double precision, sqrt(avg(count_anomalies)), 1) as margin_anomalies
    from hours
    where not is_judged
    group by source, hour_of_day
    having count(*) >= 3
)

select
    hours.source,
    hours.hour_at,
    hours.count_logs,
    seasonal.expected_logs,
    greatest(seasonal.expected_logs - seasonal.margin_logs, 0) as low_logs,
    seasonal.expected_logs + seasonal.margin_logs as high_logs,
    hours.count_anomalies,
    seasonal.expected_anomalies,
    seasonal.expected_anomalies + seasonal.margin_anomalies as high_anomalies,
    abs(hours.count_logs - seasonal.expected_logs) > seasonal.margin_logs as is_volume_outside,
    hours.count_anomalies > seasonal.expected_anomalies + seasonal.margin_anomalies as is_anomalies_outside
from hours
inner join seasonal using (source, hour_of_day)
where
    hours.is_judged
    and (
        abs(hours.count_logs - seasonal.expected_logs) > seasonal.margin_logs
        or hours.count_anomalies > seasonal.expected_anomalies + seasonal.margin_anomalies
    );

create unique index stats_outside_forecast_key on stats_outside_forecast (source, hour_at);

comment on materialized view stats_outside_forecast is
'One row per source and full hour of the last 24 whose logs or anomalies left the interval of the days before.';
comment on column stats_outside_forecast.source is 'Program or service.';
comment on column stats_outside_forecast.hour_at is 'Start of the hour (UTC).';
comment on column stats_outside_forecast.count_logs is 'Logs of the hour.';
comment on column stats_outside_forecast.expected_logs is 'Mean of that hour on the 3 to 13 days before.';
comment on column stats_outside_forecast.low_logs is 'Three standard deviations below it, not under zero.';
comment on column stats_outside_forecast.high_logs is 'Three standard deviations above it.';
comment on column stats_outside_forecast.count_anomalies is 'Anomalous logs of the hour.';
comment on column stats_outside_forecast.expected_anomalies is 'Mean anomalies of that hour of the day.';
comment on column stats_outside_forecast.high_anomalies is 'Three standard deviations above it.';
comment on column stats_outside_forecast.is_volume_outside is 'Whether count_logs left its interval.';
comment on column stats_outside_forecast.is_anomalies_outside is 'Whether count_anomalies passed high_anomalies.';
