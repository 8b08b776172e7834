-- The batch whose numbers the views show.
create or replace function last_batch()
returns table (last_batch_id integer, last_batch_finished_at timestamptz, model_version text)
language sql
stable
security definer
set search_path from current
as $$
    select
        ml_batches.batch_id,
        ml_batches.finished_at,
        ml_models.version
    from ml_batches
    inner join ml_models using (model_id)
    where ml_batches.status = 'done'
    order by ml_batches.batch_id desc
    limit 1;
$$;

comment on function last_batch() is 'The latest finished batch, if any: id, time of its end, version of its model.';
