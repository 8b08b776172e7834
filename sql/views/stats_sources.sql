-- Which program to look at first.
drop materialized view if exists stats_sources;
create materialized view stats_sources as
with

ever as (
    select
        source,
        sum(count_logs)::bigint as count_logs,
        sum(count_anomalies)::bigint as count_anomalies,
        coalesce(sum(count_logs) filter (where predicted_level in ('ERROR', 'FATAL')), 0)::bigint as count_errors,
        coalesce(sum(count_logs) filter (where severity in ('high', 'critical')), 0)::bigint as count_severe,
        coalesce(sum(count_logs) filter (where declared_level <> ''), 0)::bigint as count_declared,
        coalesce(sum(count_logs) filter (where declared_level = predicted_level::text), 0)::bigint as count_agreed
    from prediction_totals
    group by source
),

recent as (
    select
        source,
        sum(count_logs)::bigint as count_logs_24h,
        sum(count_anomalies)::bigint as count_anomalies_24h
    from prediction_hourly
    where hour_at > now() - interval '24 hours'
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
    ever.source,
    ever.count_logs,
    ever.count_anomalies,
    coalesce(recent.count_logs_24h, 0) as count_logs_24h,
    coalesce(recent.count_anomalies_24h, 0) as count_anomalies_24h,
    ever.count_errors,
    ever.count_declared,
    ever.count_agreed,
    coalesce(templates.count_templates, 0) as count_templates,
    templates.first_logged_at,
    templates.last_logged_at,
    ever.count_severe
from ever
left join recent using (source)
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
comment on column stats_sources.count_templates is 'Distinct templates that are remembered.';
comment on column stats_sources.first_logged_at is 'Time of the first log of a remembered template.';
comment on column stats_sources.last_logged_at is 'Time of the last log of a remembered template.';
comment on column stats_sources.count_severe is 'Severity high or critical.';
