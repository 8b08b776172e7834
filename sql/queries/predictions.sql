-- name: stage_keys
-- Logs of this chunk that are scored again.
create temporary table staged_logs (log_entry_id bigint, logged_at timestamptz) on commit drop;

-- name: copy_keys
-- Fill it.
copy staged_logs from stdin with binary;

-- name: delete_predictions
-- Their old predictions go; a trigger takes them out of templates and rollups.
delete from ml_predictions as scored
using staged_logs
where
    scored.log_entry_id = staged_logs.log_entry_id
    and scored.logged_at = staged_logs.logged_at;

-- name: copy_predictions
-- The one way in which predictions come in.
copy ml_predictions (
    log_entry_id,
    logged_at,
    template_id,
    level_confidence,
    anomaly_score,
    batch_id,
    model_id,
    is_anomaly,
    predicted_level,
    severity,
    reasons
) from stdin with binary;
