-- How punctual the batches were: each time at which one was due, and the first that began after it.
drop materialized view if exists stats_schedule;
create materialized view stats_schedule as
with

due as (
    select
        date_bin(run_every, now(), timestamptz '2000-01-01 00:00:00+00' + run_offset) - number * run_every as due_at,
        run_every,
        tolerance
    from ml_schedule
    cross join generate_series(0, 999) as number
),

begun as (
    select
        due.due_at,
        due.tolerance,
        min(ml_batches.batch_id) as batch_id,
        min(ml_batches.started_at) as started_at,
        count(ml_batches.batch_id) as count_batches
    from due
    left join ml_batches
        on due.due_at <= ml_batches.started_at and due.due_at + due.run_every > ml_batches.started_at
    where due.due_at > now() - interval '7 days'
    group by due.due_at, due.tolerance
)

select
    due_at,
    batch_id,
    started_at,
    extract(epoch from started_at - due_at)::double precision as seconds_late,
    started_at - due_at > tolerance as is_late,
    count_batches
from begun;

create unique index stats_schedule_key on stats_schedule (due_at);

comment on materialized view stats_schedule is
'One row per time of the last 7 days at which a batch was due, the latest thousand.';
comment on column stats_schedule.due_at is 'When a batch was due, see ml_schedule.';
comment on column stats_schedule.batch_id is 'First batch until the next due time; null: none had anything to do.';
comment on column stats_schedule.started_at is 'When it started.';
comment on column stats_schedule.seconds_late is 'Seconds from due to started.';
comment on column stats_schedule.is_late is 'Whether that is more than the schedule tolerates.';
comment on column stats_schedule.count_batches is 'Batches in that time, those started by hand included.';
