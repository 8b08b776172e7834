-- name: items
-- The frame of every list: around the rows of a statement, the batch and the refresh they are from.
select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(framed) from framed), '[]'))::text as data
from stats_overview;

-- name: rows
-- The frame of a table that is the whole answer.
select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    coalesce((select json_agg(framed) from framed), '[]')::text as data
from stats_overview;

-- name: object
-- The frame of an answer of one row.
select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    (select row_to_json(framed) from framed)::text as data
from stats_overview;

-- name: version
-- What every answer is made from: while this stays, so do they.
select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at
from stats_overview;

-- name: health
-- Whether the database answers and batches come; nothing that a stranger may not know.
select
    stats_overview.last_batch_id as batch_id,
    to_char(stats_overview.refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object(
        'status', case when freshness.is_late then 'late' else 'ok' end,
        'last_batch_finished_at', to_char(stats_overview.last_batch_finished_at at time zone 'UTC', %(iso)s),
        'refreshed_at', to_char(stats_overview.refreshed_at at time zone 'UTC', %(iso)s)
    )::text as data
from stats_overview
cross join freshness;

-- name: whole
-- The frame of answers about the whole installation, with what they are put together from.
with

overview as (
    select
        count_predictions,
        count_anomalies,
        count_sources,
        count_templates,
        count_predictions_24h,
        count_anomalies_24h,
        count_new_templates_24h,
        to_char(first_logged_at at time zone 'UTC', %(iso)s) as first_logged_at,
        to_char(last_logged_at at time zone 'UTC', %(iso)s) as last_logged_at,
        count_unscored,
        to_char(oldest_unscored_at at time zone 'UTC', %(iso)s) as oldest_unscored_at,
        last_batch_id,
        to_char(last_batch_finished_at at time zone 'UTC', %(iso)s) as last_batch_finished_at,
        model_version,
        to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at
    from stats_overview
),

-- Every source; the one with the most anomalies of the last day first.
sources as ( -- noqa: ST03
    select
        source,
        count_logs,
        count_anomalies,
        count_logs_24h,
        count_anomalies_24h,
        count_errors,
        count_declared,
        count_agreed,
        count_templates,
        to_char(first_logged_at at time zone 'UTC', %(iso)s) as first_logged_at,
        to_char(last_logged_at at time zone 'UTC', %(iso)s) as last_logged_at
    from stats_sources
    order by count_anomalies_24h desc, count_logs desc, source asc
    limit 1000
)

select
    last_batch_id as batch_id,
    refreshed_at,
    (select row_to_json(framed) from framed)::text as data
from overview;

-- name: status in api.whole
-- The whole installation, with its levels and severities.
select
    overview.*,
    (select json_agg(stats_levels order by stats_levels.predicted_level) from stats_levels) as levels,
    (select json_agg(stats_severity order by stats_severity.severity) from stats_severity) as severity
from overview;

-- name: stats in api.whole
-- All counts at once, for a page that draws them together.
select
    overview,
    (select json_agg(stats_levels order by stats_levels.predicted_level) from stats_levels) as levels,
    (select json_agg(stats_severity order by stats_severity.severity) from stats_severity) as severity,
    coalesce((select json_agg(sources) from sources), '[]') as sources
from overview;

-- name: sources in api.whole
-- The sources alone.
select coalesce((select json_agg(sources) from sources), '[]') as items;

-- name: freshness in api.object
-- How fresh the predictions are at this moment, whatever the views last saw.
select
    last_batch_id,
    to_char(last_batch_finished_at at time zone 'UTC', %(iso)s) as last_batch_finished_at,
    seconds_since_batch,
    to_char(due_at at time zone 'UTC', %(iso)s) as due_at,
    seconds_late,
    is_late,
    to_char(next_due_at at time zone 'UTC', %(iso)s) as next_due_at,
    to_char(oldest_unscored_at at time zone 'UTC', %(iso)s) as oldest_unscored_at,
    seconds_unscored
from freshness;
