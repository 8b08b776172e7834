-- How fresh the predictions are at this moment: a plain view, since late is what a refresh never sees.
drop view if exists freshness;
create view freshness as
with

due as (
    select
        date_bin(run_every, now(), timestamptz '2000-01-01 00:00:00+00' + run_offset) as due_at,
        run_every,
        tolerance
    from ml_schedule
),

begun as (
    select
        due.due_at,
        due.run_every,
        due.tolerance,
        min(ml_batches.started_at) as started_at
    from due
    left join ml_batches
        on
            due.due_at <= ml_batches.started_at
            and ml_batches.batch_id > (select max(others.batch_id) - 10000 from ml_batches as others)
    group by due.due_at, due.run_every, due.tolerance
),

waiting as (
    select oldest_unscored() as ingested_at
),

late as (
    select
        begun.*,
        waiting.ingested_at,
        case
            when begun.started_at is not null then begun.started_at - begun.due_at
            when waiting.ingested_at < begun.due_at then now() - begun.due_at
            -- A run that finds nothing to do leaves no row, and is not late with it.
            else interval '0'
        end as lateness
    from begun
    cross join waiting
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
comment on column freshness.seconds_late is 'From then to the first batch since, or to now if logs wait since.';
comment on column freshness.is_late is 'Whether that is more than the schedule tolerates.';
comment on column freshness.next_due_at is 'When the next batch is due.';
comment on column freshness.oldest_unscored_at is 'Arrival of the log that waits longest; null: none waits.';
comment on column freshness.seconds_unscored is 'How long it has been waiting.';
