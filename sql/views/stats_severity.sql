-- How much of it matters.
drop materialized view if exists stats_severity;
create materialized view stats_severity as
with

counted as (
    select
        severity,
        sum(count_logs) as count_logs,
        sum(count_anomalies) as count_anomalies,
        sum(count_logs) filter (where hour_at > now() - interval '24 hours') as count_logs_24h
    from prediction_hourly
    group by severity
)

select
    severities.severity,
    coalesce(counted.count_logs, 0)::bigint as count_logs,
    coalesce(counted.count_anomalies, 0)::bigint as count_anomalies,
    coalesce(counted.count_logs_24h, 0)::bigint as count_logs_24h
from unnest(enum_range(null::log_severity)) as severities (severity)
left join counted using (severity);

create unique index stats_severity_key on stats_severity (severity);

comment on materialized view stats_severity is 'One row per severity, all four.';
comment on column stats_severity.severity is 'low, medium, high, critical.';
comment on column stats_severity.count_logs is 'Logs ever scored.';
comment on column stats_severity.count_anomalies is 'Those of them that are anomalous.';
comment on column stats_severity.count_logs_24h is 'Logs of the last 24 hours.';
