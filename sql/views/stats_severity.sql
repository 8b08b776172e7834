-- How much of it matters.
drop materialized view if exists stats_severity;
create materialized view stats_severity as
with

ever as (
    select
        severity,
        sum(count_logs)::bigint as count_logs,
        sum(count_anomalies)::bigint as count_anomalies
    from prediction_totals
    group by severity
),

recent as (
    select
        severity,
        sum(count_logs)::bigint as count_logs_24h
    from prediction_hourly
    where hour_at > now() - interval '24 hours'
    group by severity
)

select
    severities.severity,
    coalesce(ever.count_logs, 0) as count_logs,
    coalesce(ever.count_anomalies, 0) as count_anomalies,
    coalesce(recent.count_logs_24h, 0) as count_logs_24h
from unnest(enum_range(null::log_severity)) as severities (severity)
left join ever using (severity)
left join recent using (severity);

create unique index stats_severity_key on stats_severity (severity);

comment on materialized view stats_severity is 'One row per severity, all four.';
comment on column stats_severity.severity is 'low, medium, high, critical.';
comment on column stats_severity.count_logs is 'Logs ever scored.';
comment on column stats_severity.count_anomalies is 'Those of them that are anomalous.';
comment on column stats_severity.count_logs_24h is 'Logs of the last 24 hours.';
