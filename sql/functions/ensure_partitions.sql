-- Make the partitions of predictions that `days` need: one a day around now, one a month for the
-- far past and future, so that an import of years stays at hundreds. Creating beside and attaching
-- takes no lock that readers or writers notice (there is no default partition, which would be
-- locked and scanned; times outside 1990 to 2100 have partitions of their own).
create or replace function ensure_partitions(days date[]) returns integer
language plpgsql
security definer
set search_path from current
as $$
declare
    parent text;
    day date;
    first_day date;
    next_day date;
    partition text;
    is_near boolean;
    count_made integer := 0;
begin
    perform pg_advisory_xact_lock(hashtext('logkiln.partitions'), 0);
    foreach parent in array array['ml_predictions', 'shadow_predictions'] loop
        foreach day in array days loop
            first_day := date_trunc('month', day)::date;
            continue when to_regclass(quote_ident(parent || to_char(day, '_YYYYMMDD'))) is not null;
            continue when to_regclass(quote_ident(parent || to_char(day, '_YYYYMM'))) is not null;
            is_near := day between current_date - 430 and current_date + 31;
            if is_near or has_daily_partitions(parent, day) then
                first_day := day;
                next_day := day + 1;
                partition := parent || to_char(day, '_YYYYMMDD');
            else
                next_day := (first_day + interval '1 month')::date;
                partition := parent || to_char(day, '_YYYYMM');
            end if;
            execute format('create table %I (like %I including defaults including constraints)', partition, parent);
            execute format(
                'alter table %I attach partition %I for values from (%L) to (%L)', parent, partition,
                first_day::timestamp at time zone 'UTC', next_day::timestamp at time zone 'UTC'
            );
            -- Predictions come in the order of the key, but for late logs: what room those need is left.
            execute format('alter index %s set (fillfactor = 95)', (
                select pg_index.indexrelid::regclass from pg_index
                where pg_index.indrelid = to_regclass(quote_ident(partition)) and pg_index.indisprimary
            ));
            count_made := count_made + 1;
        end loop;
    end loop;
    return count_made;
end
$$;

comment on function ensure_partitions(date[]) is
'Makes the missing partitions of the given days (UTC, 1990 to 2099); returns how many.';
