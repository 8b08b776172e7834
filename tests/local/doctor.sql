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

-- name: adapt_badly
-- Of four logs an adapter gives one no time, one no arrival, and two the same id and time.
create or replace view log_source as
select
    case number when 4 then lag(id) over (order by number) else id end as id,
    case when number > 1 then timestamptz '2026-03-02 10:00:00Z' end as logged_at,
    case when number <> 2 then ingested_at end as ingested_at,
    source,
    level,
    message,
    trace_id
from (
    select
        log_entries.*,
        row_number() over (order by id) as number
    from log_entries
) as numbered;
