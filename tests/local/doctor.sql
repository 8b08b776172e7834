-- name: grant_too_much
-- Somebody was generous.
grant insert on ml_predictions to logkiln_reader;

-- name: revoke_reading
-- Somebody was strict.
revoke select on stats_overview from logkiln_reader;

-- name: revoke_muting
-- Somebody was stricter.
revoke execute on function unmute(bigint, text) from logkiln_writer;

-- name: fail_batches
-- What was running failed.
update ml_batches set status = 'failed', error = 'no space left', finished_at = now()
where status = 'running';
