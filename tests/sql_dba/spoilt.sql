-- name: as_trained
-- Scores spread as in training, and a schedule that tolerates a first batch at any time of the day.
with

tolerant as (
    update ml_schedule set tolerance = run_every
)

update ml_batches set
    score_histogram = translate(ml_models.manifest ->> 'score_histogram', '[]', '{}')::bigint[],
    count_logs = (ml_models.manifest ->> 'count_training_logs')::bigint
from ml_models
where ml_models.model_id = ml_batches.model_id;

-- name: late
-- A log that has been waiting since before the latest batch was due, and no batch since.
with

intolerant as (
    update ml_schedule set tolerance = interval '0'
),

older as (
    update ml_batches set
        started_at = started_at - interval '3 days',
        complete_until = now() - interval '4 days'
    returning batch_id
)

insert into log_entries (logged_at, source, message, ingested_at)
select
    now() - interval '3 days',
    'late',
    'nobody scored this',
    now() - interval '3 days'
from older;

-- name: batch_unshown
-- A finished batch that the views do not know.
insert into ml_batches (status, model_id, finished_at)
select
    'done',
    model_id,
    now()
from ml_models;

-- name: batch_failed
-- A batch that failed after the others.
insert into ml_batches (status, model_id, error)
select
    'failed',
    model_id,
    'disk full'
from ml_models;

-- name: logs_set_aside
-- A batch that scored logs under a substitute.
update ml_batches set count_set_aside = 3;

-- name: alert_undelivered
-- An alert that was tried twice.
insert into ml_alerts (fingerprint, batch_id, severity, source, count_logs, first_logged_at, reasons, count_attempts)
select
    'spoilt',
    batch_id,
    'high',
    'shop',
    1,
    now(),
    'because',
    2
from ml_batches;

-- name: scores_drifted
-- A batch in which every score was high.
update ml_batches set score_histogram = array[0, 0, 0, 0, 0, 0, 0, 0, 0, count_logs];

-- name: tomorrow_missing
-- No partition for tomorrow.
do $$
begin
    execute 'drop table ml_predictions_' || to_char(now() at time zone 'UTC' + interval '1 day', 'YYYYMMDD');
end
$$;

-- name: prune_cut_off
-- A partition that prune detached and did not drop.
do $$
begin
    execute 'alter table ml_predictions detach partition ml_predictions_'
    || to_char(now() at time zone 'UTC' + interval '2 days', 'YYYYMMDD');
end
$$;

-- name: reader_unlimited
-- A reader that may write what it is granted.
alter role logkiln_reader reset default_transaction_read_only;
