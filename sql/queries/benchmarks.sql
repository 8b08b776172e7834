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

-- name: vacuum_logs
-- Statistics and visibility, as autovacuum would have made them.
vacuum (analyze) %(schema)s.log_entries; -- noqa: PRS

-- name: write_out
-- What the server would have written out by and by.
checkpoint; -- noqa: PRS

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

-- name: vacuum
-- As autovacuum would have left it.
vacuum analyze;

-- name: sizes
-- Bytes of a database, indexes included, by what they grow with: predictions; logs; hours and days
-- (rollups, and what a partition takes without a row); neither.
with

sizes as (
    select
        coalesce(parents.relname, tables.relname) as name,
        sum(pg_total_relation_size(tables.oid))::bigint as bytes
    from pg_class as tables
    left join pg_inherits on tables.oid = pg_inherits.inhrelid
    left join pg_class as parents on pg_inherits.inhparent = parents.oid
    where tables.relnamespace = current_schema()::regnamespace and tables.relkind in ('r', 'm')
    group by coalesce(parents.relname, tables.relname)
),

summed as (
    select
        sum(bytes) filter (where name = 'ml_predictions')::bigint as predictions,
        sum(bytes) filter (where name = 'log_entries')::bigint as logs,
        sum(bytes) filter (
            where name in ('prediction_hourly', 'prediction_daily', 'template_hourly', 'shadow_predictions')
        )::bigint as rollups
    from sizes
)

select
    predictions,
    logs,
    rollups,
    pg_database_size(current_database()) - predictions - logs - rollups as rest
from summed;

-- name: count_stored
-- Predictions that are stored.
select count(*) as count_stored from ml_predictions;

-- name: load_explain
-- Let the server tell how it ran each statement of this session; for a superuser.
load 'auto_explain';

-- name: explain_all
-- Tell the client, for this transaction: those inside functions, too, with the rows that came.
select
    set_config('auto_explain.log_min_duration', '0', true),
    set_config('auto_explain.log_nested_statements', 'on', true),
    set_config('auto_explain.log_level', 'notice', true),
    set_config('auto_explain.log_analyze', 'on', true),
    set_config('auto_explain.log_timing', 'off', true);

-- name: trace_verdicts
-- Verdicts on all traces, by what is usual of those that began before a time.
select
    trace_id,
    is_anomaly
from judge_traces(%(learn_until)s, 2147483647);
