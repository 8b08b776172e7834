-- Show alerts that the end of a batch brought, in the transaction that refreshed all views before.
create or replace function refresh_alerts() returns void
language plpgsql
security definer
set search_path from current
as $$
begin
    refresh materialized view concurrently stats_alerts;
end
$$;

comment on function refresh_alerts() is 'Refreshes stats_alerts alone.';
