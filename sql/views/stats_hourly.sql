-- Volume over time, for charts.
drop materialized view if exists stats_hourly;
create materialized view stats_hourly as
select
    hour_at,
    source,
    sum(count_logs)::bigint as count_logs,
    sum(count_anomalies)::bigint as count_anomalies,
    coalesce(sum(count_logs) filter (where predicted_level = 'WARN'), 0)::bigint as count_warnings,
    coalesce(sum(count_logs) filter (where predicted_level in ('ERROR', 'FATAL')), 0)::bigint as count_errors,
    coalesce(sum(count_logs) filter (where severity in ('high', 'critical')), 0)::bigint as count_severe,
    sum(sum_score) / sum(count_logs) as mean_score
from prediction_hourly
where hour_at > now() - interval '14 days'
group by hour_at, source;

create unique index stats_hourly_key on stats_hourly (hour_at, source);

comment on materialized view stats_hourly is 'One row per hour and source of the last 14 days that has logs.';
comment on column stats_hourly.hour_at is 'Start of the hour (UTC).';
comment on column stats_hourly.source is 'Program or service.';
comment on column stats_hourly.count_logs is 'Logs of that hour.';
comment on column stats_hourly.count_anomalies is 'Anomalous ones.';
comment on column stats_hourly.count_warnings is 'Predicted WARN.';
comment on column stats_hourly.count_errors is 'Predicted ERROR or FATAL.';
comment on column stats_hourly.count_severe is 'Severity high or critical.';
comment on column stats_hourly.mean_score is 'Mean anomaly score, 0 to 1.';
