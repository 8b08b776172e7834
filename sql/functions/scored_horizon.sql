-- From when on logs may wait for their prediction: batches looked at everything that arrived before.
-- Shards count together: N of them reach as far as the one that lags.
create or replace function scored_horizon() returns timestamptz
language sql
stable
security definer
set search_path from current
as $$
    with

    latest as (
        select
            batch_id,
            shard,
            -- A scorer that does not say is taken to have looked at all, but for what was open then.
            coalesce(complete_until, started_at - interval '10 minutes') as complete_until
        from ml_batches
        where status = 'done'
        order by batch_id desc
        limit 1000
    ),

    by_shard as (
        select
            shard,
            split_part(shard, '/', 2)::integer as shards,
            max(complete_until) as complete_until
        from latest
        group by shard
    ),

    complete as (
        select min(complete_until) as complete_until
        from by_shard
        group by shards
        having count(*) = shards
    )

    select coalesce(max(complete_until), '-infinity')
    from complete;
$$;

comment on function scored_horizon() is 'Logs that arrived before this time were looked at by finished batches.';
