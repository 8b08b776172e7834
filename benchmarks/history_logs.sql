-- The logs between two times, to the predictions that history.sql made.
insert into log_entries (id, logged_at, source, level, message, ingested_at)
select
    predictions.log_entry_id as id,
    predictions.logged_at,
    log_templates.source,
    predictions.predicted_level::text as level,
    replace(log_templates.text, '<num>', (predictions.log_entry_id %% 997)::text) as message,
    predictions.logged_at as ingested_at
from ml_predictions as predictions
inner join log_templates using (template_id)
where predictions.logged_at >= %(from_at)s and predictions.logged_at < %(until_at)s
order by predictions.logged_at, predictions.log_entry_id;
