-- name: objects
-- Everything in our schema, by kind and name, with what changes when it is made anew.
select
    relkind::text as kind,
    relname::text as name,
    oid::bigint as number
from pg_class
where relnamespace = quote_ident(current_schema())::regnamespace
union all
select
    'type',
    typname::text,
    oid::bigint
from pg_type
where typnamespace = quote_ident(current_schema())::regnamespace
union all
select
    'function',
    proname::text,
    oid::bigint
from pg_proc
where pronamespace = quote_ident(current_schema())::regnamespace
order by kind, name, number;

-- name: ledger
-- What was installed, and when.
select
    name,
    checksum,
    applied_at
from logkiln_migrations
order by name;

-- name: uncommented
-- Tables, views, columns and functions that say nothing of themselves; partitions say it by their parent.
with

relations as (
    select
        oid,
        relname
    from pg_class
    where
        relnamespace = quote_ident(current_schema())::regnamespace
        and relkind in ('r', 'p', 'v', 'm')
        and not relispartition
        and relname <> 'logkiln_migrations'
)

select relname::text as name
from relations
where obj_description(oid, 'pg_class') is null
union all
select relname || '.' || attname
from relations
inner join pg_attribute on attrelid = oid and attnum > 0 and not attisdropped
where
    col_description(oid, attnum) is null
    -- A challenger's predictions have the columns of the champion's.
    and relname <> 'shadow_predictions'
union all
select proname || '()'
from pg_proc
where pronamespace = quote_ident(current_schema())::regnamespace and obj_description(oid, 'pg_proc') is null
order by name;

-- name: grains
-- Materialized views and whether their comment says what a row is.
select
    relname::text as name,
    obj_description(oid, 'pg_class') as said
from pg_class
where relnamespace = quote_ident(current_schema())::regnamespace and relkind = 'm'
order by relname;

-- name: unique_keys
-- For each materialized view, its unique indexes on plain columns without a condition: what a
-- concurrent refresh needs.
select
    views.relname::text as name,
    count(keys.indexrelid) as count_keys
from pg_class as views
left join pg_index as keys
    on
        views.oid = keys.indrelid
        and keys.indisunique
        and keys.indpred is null
        and keys.indexprs is null
where views.relnamespace = quote_ident(current_schema())::regnamespace and views.relkind = 'm'
group by views.relname
order by views.relname;

-- name: populated
-- Materialized views, and whether they can be read.
select
    matviewname::text as name,
    ispopulated as is_populated
from pg_matviews
where schemaname = current_schema()
order by matviewname;

-- name: partitions
-- Partitions of a table with their bounds.
select
    inhrelid::regclass::text as name,
    pg_get_expr(relpartbound, oid) as bounds
from pg_inherits
inner join pg_class on inhrelid = oid
where inhparent = %(parent)s::regclass
order by name;

-- name: waiting
-- Sessions of one application that wait for a lock.
select count(*) as count_waiting
from pg_stat_activity
where
    datname = current_database()
    and application_name = %(application)s
    and wait_event_type = 'Lock';

-- name: terminate
-- End the sessions of one application.
select count(pg_terminate_backend(pid)) as count_ended
from pg_stat_activity
where
    datname = current_database()
    and application_name = %(application)s
    and pid <> pg_backend_pid();

-- name: sleeping
-- Sessions of one application that are inside of pg_sleep().
select count(*) as count_sleeping
from pg_stat_activity
where
    datname = current_database()
    and application_name = %(application)s
    and wait_event = 'PgSleep';

-- name: add_newer_migration
-- As a later version would have left it.
insert into logkiln_migrations (name, checksum)
values ('0999_from_the_future', 'unknown');

-- name: granted
-- What the role of the function may read, and may write.
select
    relname::text as name,
    has_table_privilege('logkiln_reader', oid, 'select') as may_select,
    has_table_privilege('logkiln_reader', oid, 'insert, update, delete, truncate') as may_write
from pg_class
where relnamespace = quote_ident(current_schema())::regnamespace and relkind in ('r', 'p', 'v', 'm')
order by relname;

-- name: in_schema
-- Objects of ours in each schema.
select
    nspname::text as schema,
    count(*) as count_objects
from pg_class
inner join pg_namespace on relnamespace = pg_namespace.oid
where nspname in ('public', %(schema)s)
group by nspname;

-- name: refreshed_at
-- When the statistics that readers see were computed.
select refreshed_at from stats_overview;

-- name: read_all_views
-- Hold what a reader of every materialized view holds, until this transaction ends.
do $$
declare
    view_name text;
begin
    for view_name in select matviewname from pg_matviews where schemaname = current_schema() loop
        execute format('select count(*) from %%I', view_name);
    end loop;
end
$$;

-- name: hurry
-- Do not wait for locks in this transaction.
set local lock_timeout = '2s';

-- name: refreshed
-- Materialized views that this transaction refreshed, told by the lock that it takes.
select distinct relname::text as name
from pg_locks
inner join pg_class on relation = pg_class.oid
where pid = pg_backend_pid() and mode = 'ExclusiveLock' and relkind = 'm'
order by name;

-- name: create_schema_of_any_name
-- A schema of the name that is given.
create schema %(name)s;

-- name: create_schema
-- A schema of another name.
create schema logs_of_ours;
