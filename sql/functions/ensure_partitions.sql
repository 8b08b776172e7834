-- Make the daily partitions of predictions that `days` need. Attaching takes no lock that readers
-- of other partitions notice; `create table ... partition of` would.
create or replace function ensure_partitions(days date[]) returns integer
language plpgsql
security definer
set search_path from current
as $$
declare
    parent text;
    partition text;
    day date;
    count_made integer := 0;
begin
    foreach parent in array array['ml_predictions', 'shadow_predictions'] loop
        foreach day in array days loop
            partition := parent || to_char(day, '_YYYYMMDD');
            continue when to_regclass(quote_ident(partition)) is not null;
            perform pg_advisory_xact_lock(hashtext('logkiln.partitions'), 0);
            continue when to_regclass(quote_ident(partition)) is not null;
            continue when default_holds(parent, day);
            execute format('create table %I (like %I including defaults including constraints)', partition, parent);
            execute format(
                'alter table %I attach partition %I for values from (%L) to (%L)',
                parent, partition,
                day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC'
            );
            count_made := count_made + 1;
        end loop;
    end loop;
    return count_made;
end
$$;

comment on function ensure_partitions(date[]) is
'Makes the missing partitions of the given days (UTC); a day that the default partition already holds stays there.';
