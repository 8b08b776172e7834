-- name: spoil_template
-- A template that was counted once too often.
update log_templates set count_logs = count_logs + 1
where template_id = (select min(template_id) from log_templates);

-- name: spoil_hour
-- An hour that was written twice.
update prediction_hourly set count_logs = count_logs * 2
where ctid = (select min(ctid) from prediction_hourly);

-- name: spoil_level
-- A count by level that nobody has.
insert into template_levels (template_id, declared_level, predicted_level, count_logs, sum_confidence)
values (17, '', 'INFO', 1, 1);

-- name: spoil_batch
-- A batch that claims too much.
update ml_batches set count_anomalies = count_anomalies + 1;

-- name: spoil_prediction
-- A prediction that was never rolled up.
insert into ml_predictions (
    log_entry_id, logged_at, template_id, predicted_at, predicted_level, level_confidence,
    anomaly_score, severity, batch_id, model_id, is_anomaly
)
select -17, '1980-01-01', min(template_id), now(), 'INFO', 1, 0, 'low', 1, 1, false from log_templates;

-- name: spoil_confidence
-- A sum that is off.
update prediction_hourly set sum_confidence = sum_confidence + 1
where ctid = (select min(ctid) from prediction_hourly);
