-- What was worth telling, and whether it was told.
drop materialized view if exists stats_alerts;
create materialized view stats_alerts as
with

latest as (
    select *
    from ml_alerts
    order by alert_id desc
    limit 1000
)

select
    latest.alert_id,
    latest.created_at,
    latest.severity,
    latest.source,
    latest.template_id,
    log_templates.text as template_text,
    latest.count_logs,
    latest.first_logged_at,
    latest.example_log_entry_id,
    latest.reasons,
    latest.batch_id,
    latest.delivered_at,
    latest.count_attempts
from latest
left join log_templates using (template_id);

create unique index stats_alerts_key on stats_alerts (alert_id);

comment on materialized view stats_alerts is 'One row per alert, the latest thousand.';
comment on column stats_alerts.alert_id is 'Alert.';
comment on column stats_alerts.created_at is 'When it was written.';
comment on column stats_alerts.severity is 'Severity of the worst log.';
comment on column stats_alerts.source is 'Program or service.';
comment on column stats_alerts.template_id is 'Template.';
comment on column stats_alerts.template_text is 'Normalised text.';
comment on column stats_alerts.count_logs is 'Anomalous logs of the template in the chunk that raised it.';
comment on column stats_alerts.first_logged_at is 'Time of the first of them.';
comment on column stats_alerts.example_log_entry_id is 'One of them.';
comment on column stats_alerts.reasons is 'Why, one reason a line.';
comment on column stats_alerts.batch_id is 'Run that found it.';
comment on column stats_alerts.delivered_at is 'When a channel took it; null before.';
comment on column stats_alerts.count_attempts is 'Deliveries that were tried.';
