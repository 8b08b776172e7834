-- Logs that wait for their prediction. In a procedural language and planned anew each time, because
-- the planner has to know the times: of an unknown one it assumes that a third of all logs are
-- younger, and reads every prediction there is.
create or replace function unscored_logs()
returns table (log_entry_id bigint, logged_at timestamptz, ingested_at timestamptz, source text)
language plpgsql
stable
security definer
set search_path from current
set plan_cache_mode = force_custom_plan
as $$
declare
    horizon timestamptz := scored_horizon();
    first_at timestamptz;
    last_at timestamptz;
begin
    -- Mostly there is none. In order, so that the index finds that out, whatever is known of the table.
    perform from log_source as logs
    where logs.ingested_at >= horizon
    order by logs.ingested_at
    limit 1;
    if not found then
        return;
    end if;
    -- Bounds that spare the search the partitions outside of them.
    select min(logs.logged_at), max(logs.logged_at)
    into first_at, last_at
    from log_source as logs
    where logs.ingested_at >= horizon;
    return query
    select logs.id, logs.logged_at, logs.ingested_at, logs.source
    from log_source as logs
    where
        logs.ingested_at >= horizon
        and not exists (
            select from ml_predictions as scored
            where
                scored.log_entry_id = logs.id
                and scored.logged_at = logs.logged_at
                and scored.logged_at between first_at and last_at
        );
end
$$;

comment on function unscored_logs() is 'One row per log that awaits its prediction.';
