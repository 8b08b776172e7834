-- The columns of everything that the function may select from.
select
    relations.relname::text as view_name,
    columns.attname::text as column_name
from pg_class as relations
inner join pg_attribute as columns on relations.oid = columns.attrelid
where
    relations.relnamespace = 'public'::regnamespace
    and relations.relkind in ('v', 'm')
    and columns.attnum > 0;
