-- Which program to look at first.
drop materialized view if exists stats_sources;
create materialized view stats_sources as
with

counted as (
    select
        source,
        sum(count_logs)::bigint as count_logs,
        sum(count_anomalies)::bigint as count_anomalies,
        coalesce(sum(count_logs) filter (where hour_at > now() - interval '24 hours'), 0)::bigint
            as count_logs_24h,
        coalesce(sum(count_anomalies) filter (where hour_at > now() - interval '24 hours'), 0)::bigint
            as count_anomalies_24h,
        coalesce(sum(count_logs) filter (where predicted_level in ('ERROR', 'FATAL')), 0)::bigint as count_errors,
        coalesce(sum(count_logs) filter (where declared_level <> ''), 0)::bigint as count_declared,
        coalesce(sum(count_logs) filter (where declared_level = predicted_level::text), 0)::bigint
            as count_agreed
    from prediction_hourly
    group by source
),

templates as (
    select
        source,
        count(*) as count_templates,
        min(first_seen_at) as first_logged_at,
        max(last_seen_at) as last_logged_at
    from log_templates
    group by source
)

select
    counted.source,
    counted.count_logs,
    counted.count_anomalies,
    counted.count_logs_24h,
    counted.count_anomalies_24h,
    counted.count_errors,
    counted.count_declared,
    counted.count_agreed,
    templates.count_templates,
    templates.first_logged_at,
    templates.last_logged_at
from counted
left join templates using (source);

create unique index stats_sources_key on stats_sources (source);

comment on materialized view stats_sources is 'One row per source.';
comment on column stats_sources.source is 'Program or service.';
comment on column stats_sources.count_logs is 'Logs ever scored.';
comment on column stats_sources.count_anomalies is 'Those of them that are anomalous.';
comment on column stats_sources.count_logs_24h is 'Logs of the last 24 hours.';
comment on column stats_sources.count_anomalies_24h is 'Anomalous logs of the last 24 hours.';
comment on column stats_sources.count_errors is 'Predicted ERROR or FATAL.';
comment on column stats_sources.count_declared is 'Logs with a declared level.';
comment on column stats_sources.count_agreed is 'Logs whose declared level is the predicted one.';
comment on column stats_sources.count_templates is 'Distinct templates.';
comment on column stats_sources.first_logged_at is 'Time of its first log.';
comment on column stats_sources.last_logged_at is 'Time of its last log.';
