-- name: captured
-- The logs that were just loaded from the capture.
select
    source,
    level,
    message
from log_entries
order by logged_at, id;

-- name: copy_entries
-- Made-up logs, with the ids and times that the maker wants.
copy log_entries (id, logged_at, source, level, message) from stdin with binary;

-- name: forget
-- Back to an empty installation.
truncate log_entries,
ml_predictions,
shadow_predictions,
log_templates,
template_hourly,
prediction_hourly,
template_levels,
ml_alerts,
ml_batches;
