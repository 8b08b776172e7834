-- name: relations
-- Views and tables of ours with their comments; partitions are described by their table.
select
    relations.relname::text as name,
    case relations.relkind when 'm' then 'statistics' when 'v' then 'live view' else 'table' end as kind,
    obj_description(relations.oid, 'pg_class') as said,
    (
        select
            json_agg(
                json_build_object(
                    'name', columns.attname,
                    'type', format_type(columns.atttypid, null),
                    'said', col_description(relations.oid, columns.attnum)
                )
                order by columns.attnum
            )
        from pg_attribute as columns
        where columns.attrelid = relations.oid and columns.attnum > 0 and not columns.attisdropped
    ) as columns
from pg_class as relations
where
    relations.relnamespace = quote_ident(current_schema())::regnamespace
    and relations.relkind in ('r', 'p', 'v', 'm')
    and not relations.relispartition
    and obj_description(relations.oid, 'pg_class') is not null
order by relations.relname;

-- name: functions
-- Functions of ours with their comments; those behind triggers are nobody's to call.
select
    proname::text as name,
    pg_get_function_identity_arguments(oid) as arguments,
    pg_get_function_result(oid) as result,
    obj_description(oid, 'pg_proc') as said
from pg_proc
where
    pronamespace = quote_ident(current_schema())::regnamespace
    and prorettype <> 'trigger'::regtype
    and obj_description(oid, 'pg_proc') is not null
order by proname;
