-- Until when everything that arrived is committed and visible to whoever reads from now on: a row's
-- ingested_at is the start of its transaction, so nothing older than the oldest open transaction is
-- still to come. Sessions of other users are hidden from a role without pg_read_all_stats; then ten
-- minutes stand for what they may have open.
create or replace function settled_until() returns timestamptz
language plpgsql
volatile
security definer
set search_path from current
as $$
declare
    asked_at timestamptz := clock_timestamp();
    settled timestamptz;
begin
    select
        least(
            asked_at,
            min(xact_start) filter (where pid <> pg_backend_pid()),
            case when bool_or(query = '<insufficient privilege>') then asked_at - interval '10 minutes' end
        )
    into settled
    from pg_stat_activity
    where datname = current_database() and backend_type <> 'autovacuum worker';
    return settled;
end
$$;

comment on function settled_until() is 'Every log that arrived before this time is committed by now.';
