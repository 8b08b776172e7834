-- name: coverage
-- Logs that the batch set aside or left waiting, against those of a day.
with

covered as (
    select
        ml_batches.started_at,
        ml_batches.count_set_aside,
        stats_overview.count_unscored,
        1 - (ml_batches.count_set_aside + stats_overview.count_unscored)::double precision
        / greatest(stats_overview.count_predictions_24h, ml_batches.count_logs, 1) as share
    from ml_batches
    cross join stats_overview
    where ml_batches.batch_id = %(batch_id)s
)

insert into ml_alerts (fingerprint, rule_id, batch_id, severity, source, count_logs, first_logged_at, reasons)
select distinct on (fingerprint)
    concat_ws('@', 'coverage:' || (now() at time zone 'UTC')::date, rules.channel) as fingerprint,
    rules.rule_id,
    %(batch_id)s,
    rules.severity,
    'logkiln',
    covered.count_set_aside + covered.count_unscored,
    covered.started_at,
    covered.count_unscored || ' logs wait unscored and ' || covered.count_set_aside
    || ' were set aside by batch ' || %(batch_id)s
from alert_rules as rules
inner join covered on rules.threshold > covered.share
where rules.is_enabled and rules.kind = 'coverage' and not is_muted('logkiln', null)
order by fingerprint, rules.rule_id
on conflict (fingerprint) do nothing;

-- name: lateness
-- A batch that came later than the schedule tolerates: later than it was due for the log that waited
-- longest, so that runs that never came count, too. A first batch is not late.
with

batch as (
    select
        ml_batches.batch_id,
        ml_batches.started_at,
        (
            select max(earlier.started_at) from ml_batches as earlier
            where earlier.batch_id < ml_batches.batch_id
        ) as began_before_at
    from ml_batches
    where ml_batches.batch_id = %(batch_id)s
),

waited as (
    select
        batch.started_at,
        (
            select min(logs.ingested_at) from log_source as logs
            where logs.ingested_at >= batch.began_before_at and logs.ingested_at < batch.started_at
        ) as ingested_at
    from batch
),

due as (
    select
        waited.started_at,
        ml_schedule.tolerance,
        date_bin(
            ml_schedule.run_every,
            waited.ingested_at,
            timestamptz '2000-01-01 00:00:00+00' + ml_schedule.run_offset
        ) + ml_schedule.run_every as due_at
    from waited
    cross join ml_schedule
)

insert into ml_alerts (fingerprint, rule_id, batch_id, severity, source, count_logs, first_logged_at, reasons)
select distinct on (fingerprint)
    concat_ws('@', 'lateness:' || (now() at time zone 'UTC')::date, rules.channel) as fingerprint,
    rules.rule_id,
    %(batch_id)s,
    rules.severity,
    'logkiln',
    0,
    due.due_at,
    'batch ' || %(batch_id)s || ' was due at ' || to_char(due.due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
    || ' UTC and began ' || round(extract(epoch from due.started_at - due.due_at) / 60)
    || ' minutes later, while logs waited'
from alert_rules as rules
inner join due on due.started_at - due.due_at > due.tolerance
where rules.is_enabled and rules.kind = 'lateness' and not is_muted('logkiln', null)
order by fingerprint, rules.rule_id
on conflict (fingerprint) do nothing;

-- name: drift
-- Logs that no longer look like those that the model was trained on; once a week and model.
insert into ml_alerts (fingerprint, rule_id, batch_id, severity, source, count_logs, first_logged_at, reasons)
select distinct on (fingerprint)
    concat_ws(
        '@', 'drift:' || drift.model_id || ':' || to_char(now() at time zone 'UTC', 'IYYY-IW'), rules.channel
    ) as fingerprint,
    rules.rule_id,
    %(batch_id)s,
    rules.severity,
    'logkiln',
    drift.count_logs,
    ml_batches.started_at,
    'scores have drifted: stability index ' || round(drift.score_psi::numeric, 2) || ', at most '
    || rules.threshold || ' expected; ' || round(100 * coalesce(drift.share_unseen_words, 0)::numeric)
    || ' percent of words were never seen in training: retrain with `python -m training`'
from alert_rules as rules
inner join stats_drift as drift
    -- The index of a few logs is chance.
    on drift.batch_id = %(batch_id)s and rules.threshold < drift.score_psi and drift.count_logs >= 1000
inner join ml_batches on drift.batch_id = ml_batches.batch_id
where rules.is_enabled and rules.kind = 'drift' and not is_muted('logkiln', null)
order by fingerprint, rules.rule_id
on conflict (fingerprint) do nothing;
