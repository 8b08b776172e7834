-- How fresh the predictions are at this moment: a plain view, since late is what a refresh never sees.
drop view if exists freshness;
create view freshness as
with

-- Once, and not wherever it is mentioned below.
waiting as materialized (
    select oldest_unscored() as ingested_at
),

due as (
    select
        run_every,
        tolerance,
        date_bin(run_every, now(), timestamptz '2000-01-01 00:00:00+00' + run_offset) as due_at,
        waiting.ingested_at,
        -- For the log that waits longest; so that runs that never came count, and not the latest alone.
        date_bin(run_every, waiting.ingested_at, timestamptz '2000-01-01 00:00:00+00' + run_offset) + run_every
            as due_for_waiting_at
    from ml_schedule
    cross join waiting
),

late as materialized (
    select
        due.*,
        case
            -- A run that finds nothing to do leaves no row, and is not late with it.
            when due.due_for_waiting_at > now() or due.ingested_at is null then interval '0'
            when exists (
                select from ml_batches
                where
                    ml_batches.started_at >= due.due_for_waiting_at
                    and ml_batches.batch_id > (select max(others.batch_id) - 10000 from ml_batches as others)
                    -- A runner that died leaves its row as it was.
                    and (
                        ml_batches.status = 'done'
                        or (ml_batches.status = 'running' and ml_batches.started_at > now() - due.run_every)
                    )
            ) then interval '0'
            else now() - due.due_for_waiting_at
        end as lateness
    from due
)

select
    latest.last_batch_id,
    latest.last_batch_finished_at,
    extract(epoch from now() - latest.last_batch_finished_at)::double precision as seconds_since_batch,
    late.due_at,
    extract(epoch from late.lateness)::double precision as seconds_late,
    late.lateness > late.tolerance as is_late,
    late.due_at + late.run_every as next_due_at,
    late.ingested_at as oldest_unscored_at,
    extract(epoch from now() - late.ingested_at)::double precision as seconds_unscored
from late
left join last_batch() as latest on true;

comment on view freshness is 'One row: how fresh the predictions are at this moment.';
comment on column freshness.last_batch_id is 'Latest finished batch.';
comment on column freshness.last_batch_finished_at is 'When it finished.';
comment on column freshness.seconds_since_batch is 'How long ago that is.';
comment on column freshness.due_at is 'Latest time at which a batch was due, see ml_schedule.';
comment on column freshness.seconds_late is
'Since a batch was due for the log that waits longest and none began; 0: none is late.';
comment on column freshness.is_late is 'Whether that is more than the schedule tolerates.';
comment on column freshness.next_due_at is 'When the next batch is due.';
comment on column freshness.oldest_unscored_at is 'Arrival of the log that waits longest; null: none waits.';
comment on column freshness.seconds_unscored is 'How long it has been waiting.';
