-- Refresh every statistics view in one transaction. Writers of rollups hold the same lock shared,
-- so all views show the same batches, and no reader is ever kept waiting.
create or replace function refresh_stats() returns void
language plpgsql
security definer
set search_path from current
as $$
declare
    view_name text;
begin
    perform pg_advisory_xact_lock(hashtext('logkiln.writes'), 0);
    perform roll_up_traces();
    for view_name in
        select split_part(name, '/', 2)
        from logkiln_migrations
        where name like 'views/stats%'
        order by name
    loop
        execute format('refresh materialized view concurrently %I', view_name);
    end loop;
end
$$;

comment on function refresh_stats() is
'Refreshes all stats_ views at once: readers see the numbers before or after, never a mixture.';
