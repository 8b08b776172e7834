-- Whether the default partition of `parent` already has rows of `day`: then they stay there.
create or replace function default_holds(parent text, day date) returns boolean
language plpgsql
stable
set search_path from current
as $$
declare
    held boolean;
begin
    execute format(
        'select exists (select from %I where logged_at >= $1 and logged_at < $2)', parent || '_default'
    )
    into held
    using day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC';
    return held;
end
$$;

comment on function default_holds(text, date) is
'True when the default partition of a table holds rows of that day (UTC).';
