-- name: models in api.items
-- Every model that ever scored, the latest first.
select
    model_id,
    version,
    role,
    to_char(registered_at at time zone 'UTC', %(iso)s) as registered_at,
    count_logs,
    count_anomalies,
    share_agreed::double precision as share_agreed,
    count_confirmed,
    count_false_alarms,
    share_confirmed,
    mean_confidence,
    mean_score,
    share_unseen_words,
    count_shadow_logs,
    count_shadow_anomalies,
    count_champion_anomalies,
    share_same_level,
    share_same_anomaly,
    shadow_psi
from stats_models
order by model_id desc
limit 1000;

-- name: drift in api.items
-- Whether the logs of the latest batches still look like those of the training.
select
    batch_id,
    to_char(finished_at at time zone 'UTC', %(iso)s) as finished_at,
    model_id,
    count_logs,
    score_psi,
    share_unseen_words
from stats_drift
order by batch_id desc
limit %(count_items)s;

-- name: batches in api.items
-- The latest runs of the scorer. Why one failed may quote a log, so that is for readers of raw text.
select
    batch_id,
    status,
    shard,
    to_char(started_at at time zone 'UTC', %(iso)s) as started_at,
    to_char(finished_at at time zone 'UTC', %(iso)s) as finished_at,
    seconds,
    count_logs,
    count_anomalies,
    count_new_templates,
    count_set_aside,
    count_alerts_left_out,
    step_seconds,
    model_version,
    case when %(raw)s then error end as error
from stats_batches
order by batch_id desc
limit %(count_items)s;

-- name: schedule in api.items
-- When batches were due and when they began, the latest first.
select
    to_char(stats_schedule.due_at at time zone 'UTC', %(iso)s) as due_at,
    stats_schedule.batch_id,
    to_char(stats_schedule.started_at at time zone 'UTC', %(iso)s) as started_at,
    stats_schedule.seconds_late,
    stats_schedule.is_late,
    stats_schedule.count_batches
from stats_schedule
order by stats_schedule.due_at desc
limit %(count_items)s;

-- name: alerts
-- What was worth telling, and whether it was told, the latest first; and how much besides it these
-- batches and those after them found and did not keep, of whatever source.
with

listed as (
    select *
    from stats_alerts
    where %(source)s::text is null or source = %(source)s
    order by alert_id desc
    limit %(count_items)s
),

items as (
    select
        alert_id,
        to_char(created_at at time zone 'UTC', %(iso)s) as created_at,
        severity,
        source,
        template_id::text as template_id,
        template_text,
        count_logs,
        to_char(first_logged_at at time zone 'UTC', %(iso)s) as first_logged_at,
        example_log_entry_id::text as example_log_entry_id,
        array_remove(string_to_array(reasons, e'\n'), '') as reasons,
        batch_id,
        to_char(delivered_at at time zone 'UTC', %(iso)s) as delivered_at,
        count_attempts
    from listed
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object(
        'items', coalesce((select json_agg(items) from items), '[]'),
        'count_left_out', (
            select coalesce(sum(count_alerts_left_out), 0)
            from stats_batches
            where batch_id >= (select min(listed.batch_id) from listed)
        )
    )::text as data
from stats_overview;
