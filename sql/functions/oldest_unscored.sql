-- When the log arrived that waits longest for its prediction. Mostly the first log behind the horizon
-- is the one, so the logs are looked at one by one: a join would be planned over every partition.
create or replace function oldest_unscored() returns timestamptz
language plpgsql
stable
security definer
set search_path from current
set plan_cache_mode = force_custom_plan
as $$
declare
    horizon timestamptz := scored_horizon();
    waiting record;
    count_seen integer := 0;
begin
    for waiting in
        select logs.id, logs.logged_at, logs.ingested_at
        from log_source as logs
        where logs.ingested_at >= horizon
        order by logs.ingested_at
        limit 200
    loop
        perform from ml_predictions where logged_at = waiting.logged_at and log_entry_id = waiting.id;
        if not found then
            return waiting.ingested_at;
        end if;
        count_seen := count_seen + 1;
    end loop;
    if count_seen < 200 then
        return null;
    end if;
    return (select min(ingested_at) from unscored_logs());
end
$$;

comment on function oldest_unscored() is 'When the log that waits longest for its prediction arrived; null: none.';
