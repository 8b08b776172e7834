-- Volume over the days, for charts of a season.
drop materialized view if exists stats_daily;
create materialized view stats_daily as
select
    day,
    source,
    sum(count_logs)::bigint as count_logs,
    sum(count_anomalies)::bigint as count_anomalies,
    coalesce(sum(count_logs) filter (where predicted_level = 'WARN'), 0)::bigint as count_warnings,
    coalesce(sum(count_logs) filter (where predicted_level in ('ERROR', 'FATAL')), 0)::bigint as count_errors,
    coalesce(sum(count_logs) filter (where severity in ('high', 'critical')), 0)::bigint as count_severe,
    coalesce(sum(count_logs) filter (where declared_level <> ''), 0)::bigint as count_declared,
    coalesce(sum(count_logs) filter (where declared_level = predicted_level::text), 0)::bigint as count_agreed,
    sum(sum_score) / sum(count_logs) as mean_score
from prediction_daily
where day > (now() at time zone 'UTC')::date - 90
group by day, source;

create unique index stats_daily_key on stats_daily (day, source);

comment on materialized view stats_daily is 'One row per day and source of the last 90 days that has logs.';
comment on column stats_daily.day is 'Day (UTC).';
comment on column stats_daily.source is 'Program or service.';
comment on column stats_daily.count_logs is 'Logs of that day.';
comment on column stats_daily.count_anomalies is 'Anomalous ones.';
comment on column stats_daily.count_warnings is 'Predicted WARN.';
comment on column stats_daily.count_errors is 'Predicted ERROR or FATAL.';
comment on column stats_daily.count_severe is 'Severity high or critical.';
comment on column stats_daily.count_declared is 'Logs with a declared level.';
comment on column stats_daily.count_agreed is 'Logs whose declared level is the predicted one.';
comment on column stats_daily.mean_score is 'Mean anomaly score, 0 to 1.';
