-- Whether a month of `parent` was begun in daily partitions: then it goes on in them.
create or replace function has_daily_partitions(parent text, day date) returns boolean
language sql
stable
set search_path from current
as $$
    select exists (
        select from pg_class
        where
            relnamespace = quote_ident(current_schema())::regnamespace
            and relname like replace(parent, '_', '\_') || to_char(day, '\_YYYYMM__')
    );
$$;

comment on function has_daily_partitions(text, date) is
'True when a table has daily partitions in the month of that day.';
