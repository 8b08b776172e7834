-- The patterns that the logs are made of: all of them, so that their counts add up. A bound for the
-- case that masking fails and every line is its own: a refresh takes about 20 µs a row.
drop materialized view if exists stats_templates;
create materialized view stats_templates as
with

kept as (
    select *
    from log_templates
    order by last_seen_at desc, template_id desc
    limit 20000
),

recent as (
    select
        template_id,
        sum(count_logs)::bigint as count_logs_24h,
        sum(count_anomalies)::bigint as count_anomalies_24h,
        coalesce(sum(count_logs) filter (where hour_at > now() - interval '1 hour'), 0)::bigint
            as count_logs_1h
    from template_hourly
    where hour_at > now() - interval '24 hours'
    group by template_id
)

select
    kept.template_id,
    kept.source,
    kept.text,
    kept.predicted_level,
    kept.level_confidence,
    kept.count_logs,
    kept.count_anomalies,
    coalesce(recent.count_logs_24h, 0) as count_logs_24h,
    coalesce(recent.count_anomalies_24h, 0) as count_anomalies_24h,
    coalesce(recent.count_logs_1h, 0) as count_logs_1h,
    kept.first_seen_at,
    kept.last_seen_at,
    kept.example_log_entry_id,
    kept.example_logged_at
from kept
left join recent using (template_id);

create unique index stats_templates_key on stats_templates (template_id);
create index stats_templates_rarest on stats_templates (count_logs, template_id);
create index stats_templates_of_source on stats_templates (source, count_logs desc);

comment on materialized view stats_templates is
'One row per template, the 20,000 seen latest: what is missing to count_predictions are logs of others.';
comment on column stats_templates.template_id is 'Template.';
comment on column stats_templates.source is 'Program or service.';
comment on column stats_templates.text is 'Normalised text.';
comment on column stats_templates.predicted_level is 'Level by the model.';
comment on column stats_templates.level_confidence is 'Its probability, 0 to 1.';
comment on column stats_templates.count_logs is 'Logs ever scored.';
comment on column stats_templates.count_anomalies is 'Those of them that are anomalous.';
comment on column stats_templates.count_logs_24h is 'Logs of the last 24 hours.';
comment on column stats_templates.count_anomalies_24h is 'Anomalous logs of the last 24 hours.';
comment on column stats_templates.count_logs_1h is 'Logs of the hour now running or just begun.';
comment on column stats_templates.first_seen_at is 'Time of the first log.';
comment on column stats_templates.last_seen_at is 'Time of the last log.';
comment on column stats_templates.example_log_entry_id is 'A log of it.';
comment on column stats_templates.example_logged_at is 'Time of that log.';
