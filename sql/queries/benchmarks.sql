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
copy log_entries (id, logged_at, source, level, message, ingested_at) from stdin with binary;

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
ml_batches
cascade;

-- name: read_logs
-- The floor's first half: the columns that a batch reads, of all logs.
copy (
    select
        id,
        logged_at,
        source,
        level,
        message
    from log_entries
) to stdout with binary;

-- name: read_predictions
-- What a batch wrote, to be written again as the floor's second half.
copy (select * from ml_predictions) to stdout with binary;

-- name: write_predictions
-- The floor's second half.
copy ml_predictions from stdin with binary;

-- name: forget_predictions
-- The table as it was before the batch, partitions kept.
truncate ml_predictions;

-- name: settle
-- Statistics as autovacuum would have made them.
analyze log_entries;

-- name: settle_all
-- Statistics of all tables, as autovacuum would have made them.
analyze;

-- name: total_by_views
-- One number by five views: equal, unless a reader sees several batches at once.
select
    (select count_predictions from stats_overview) as overview,
    (select sum(count_logs) from stats_levels)::bigint as levels,
    (select sum(count_logs) from stats_severity)::bigint as severity,
    (select sum(count_logs) from stats_sources)::bigint as sources,
    (select sum(count_logs) from stats_models)::bigint as models;
