-- Where the time of the latest batches went.
drop materialized view if exists stats_batch_steps;
create materialized view stats_batch_steps as
with

latest as (
    select
        batch_id,
        step_seconds
    from ml_batches
    order by batch_id desc
    limit 200
)

select
    latest.batch_id,
    steps.key as step,
    steps.value::double precision as seconds
from latest
cross join jsonb_each_text(latest.step_seconds) as steps
where steps.value ~ '^[0-9.e+-]+$';

create unique index stats_batch_steps_key on stats_batch_steps (batch_id, step);

comment on materialized view stats_batch_steps is 'One row per batch and step, of the latest 200 batches.';
comment on column stats_batch_steps.batch_id is 'Batch.';
comment on column stats_batch_steps.step is 'Step: read, infer, copy and so on; steps overlap.';
comment on column stats_batch_steps.seconds is 'Seconds spent in it.';
