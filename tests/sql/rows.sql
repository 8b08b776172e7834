-- name: one_prediction
-- The least that a prediction can be.
insert into ml_predictions (
    log_entry_id, logged_at, template_id, predicted_at, predicted_level, level_confidence,
    anomaly_score, severity, batch_id, model_id, is_anomaly
)
values (1, '1980-01-01', 1, now(), 'INFO', 1, 0, 'low', 1, 1, false);

-- name: predict_on
-- A prediction for a log of any time.
insert into ml_predictions (
    log_entry_id, logged_at, template_id, predicted_at, predicted_level, level_confidence,
    anomaly_score, severity, batch_id, model_id, is_anomaly
)
values (1, %(logged_at)s::timestamptz, 1, now(), 'INFO', 1, 0, 'low', 1, 1, false)
on conflict do nothing;

-- name: partition_of
-- Where the predictions of a time are kept.
select distinct tableoid::regclass::text as name
from ml_predictions
where logged_at = %(logged_at)s::timestamptz;

-- name: count_predictions
-- All of them.
select count(*) as count_predictions from ml_predictions;

-- name: slow
-- Slower than it may be.
set local statement_timeout = '50ms';
select pg_sleep(60);

-- name: sleep
-- A long statement.
select pg_sleep(60);

-- name: elsewhere
-- A day begins later, or earlier, than in UTC.
set local timezone = %(zone)s;

-- name: today
-- The date in UTC.
select (now() at time zone 'UTC')::date as today;

-- name: rows_out
-- Rows that take their time, each too long to wait for the next before it is sent.
copy (
    select
        repeat('x', 10000) as filling,
        pg_sleep(0.01)::text as slept
    from generate_series(1, 1000)
) to stdout with binary;
