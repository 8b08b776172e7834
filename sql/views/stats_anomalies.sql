-- The latest anomalies with what they say and why they stand out.
drop materialized view if exists stats_anomalies;
create materialized view stats_anomalies as
with

latest as (
    select *
    from latest_anomalies(1000)
)

select
    latest.log_entry_id,
    latest.logged_at,
    log_templates.source,
    latest.severity,
    latest.anomaly_score,
    latest.predicted_level,
    latest.level_confidence,
    logs.level as declared_level,
    left(logs.message, 4000) as message,
    latest.reasons,
    latest.template_id,
    log_templates.text as template_text,
    log_templates.count_logs as count_template_logs,
    latest.model_id,
    latest.batch_id
from latest
left join log_templates on latest.template_id = log_templates.template_id
left join log_source as logs on latest.log_entry_id = logs.id and latest.logged_at = logs.logged_at;

create unique index stats_anomalies_key on stats_anomalies (logged_at, log_entry_id);

comment on materialized view stats_anomalies is 'One row per anomalous log, the latest thousand by time of the log.';
comment on column stats_anomalies.log_entry_id is 'The log.';
comment on column stats_anomalies.logged_at is 'Its time.';
comment on column stats_anomalies.source is 'Program or service.';
comment on column stats_anomalies.severity is 'low, medium, high, critical.';
comment on column stats_anomalies.anomaly_score is 'How unusual, 0 to 1.';
comment on column stats_anomalies.predicted_level is 'Level by the model.';
comment on column stats_anomalies.level_confidence is 'Its probability, 0 to 1.';
comment on column stats_anomalies.declared_level is 'Level that the program declared, word for word.';
comment on column stats_anomalies.message is 'The first 4,000 characters of the log; null once the log is deleted.';
comment on column stats_anomalies.reasons is 'Why, one reason a line.';
comment on column stats_anomalies.template_id is 'Template.';
comment on column stats_anomalies.template_text is 'Normalised text.';
comment on column stats_anomalies.count_template_logs is 'Logs of the template, ever.';
comment on column stats_anomalies.model_id is 'Model.';
comment on column stats_anomalies.batch_id is 'Run that found it.';
