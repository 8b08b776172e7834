-- Every log with its prediction: what a drill-down reads, always by time or by id.
drop view if exists scored_logs;
create view scored_logs as
select
    predictions.log_entry_id,
    predictions.logged_at,
    log_templates.source,
    predictions.predicted_level,
    predictions.level_confidence,
    logs.level as declared_level,
    predictions.is_anomaly,
    predictions.anomaly_score,
    predictions.severity,
    predictions.reasons,
    logs.message,
    logs.trace_id,
    predictions.template_id,
    log_templates.text as template_text,
    predictions.model_id,
    predictions.batch_id,
    predictions.predicted_at
from ml_predictions as predictions
inner join log_templates on predictions.template_id = log_templates.template_id
left join log_source as logs
    on predictions.log_entry_id = logs.id and predictions.logged_at = logs.logged_at;

comment on view scored_logs is 'One row per scored log, straight from the predictions.';
comment on column scored_logs.log_entry_id is 'The log.';
comment on column scored_logs.logged_at is 'Its time.';
comment on column scored_logs.source is 'Program or service.';
comment on column scored_logs.predicted_level is 'Level by the model.';
comment on column scored_logs.level_confidence is 'Its probability, 0 to 1.';
comment on column scored_logs.declared_level is 'Level that the program declared, word for word.';
comment on column scored_logs.is_anomaly is 'Whether the score passed the alert budget.';
comment on column scored_logs.anomaly_score is 'How unusual, 0 to 1.';
comment on column scored_logs.severity is 'low, medium, high, critical.';
comment on column scored_logs.reasons is 'Why it is anomalous, one reason a line.';
comment on column scored_logs.message is 'Text of the log; null once the log is deleted.';
comment on column scored_logs.trace_id is 'Request or job, where known.';
comment on column scored_logs.template_id is 'Template.';
comment on column scored_logs.template_text is 'Normalised text.';
comment on column scored_logs.model_id is 'Model.';
comment on column scored_logs.batch_id is 'Run that wrote the row.';
comment on column scored_logs.predicted_at is 'When.';
