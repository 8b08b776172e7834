-- name: lock
-- One migration at a time; the second waits here.
select pg_advisory_xact_lock(hashtext('logkiln.migrate'), 0);

-- name: encoding
-- In what the database keeps text.
select current_setting('server_encoding') as encoding;

-- name: search_path
-- Temporary objects last, for this transaction and for the functions made in it: otherwise a caller's
-- temporary table would stand in for ours, and its triggers run with the rights of the function's owner.
select set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- name: create_ledger
-- What was installed, by file and checksum.
create table if not exists logkiln_migrations (
    name text primary key,
    checksum text not null,
    applied_at timestamptz not null default now()
);

-- name: applied
-- Name and checksum of everything installed so far.
select
    name,
    checksum
from logkiln_migrations
order by name;

-- name: record
-- Note that a file was applied.
insert into logkiln_migrations (name, checksum)
values (%(name)s, %(checksum)s)
on conflict (name) do update set checksum = excluded.checksum, applied_at = now();

-- name: ledger_exists
-- Whether anything was ever installed in this schema.
select to_regclass('logkiln_migrations') is not null as is_installed;

-- name: clashing
-- Objects of other people that stand where ours would: a function would even be replaced silently.
select relname::text as name
from pg_class
where relnamespace = quote_ident(current_schema())::regnamespace and relname = any(%(names)s)
union
select typname::text
from pg_type
where typnamespace = quote_ident(current_schema())::regnamespace and typname = any(%(names)s)
union
select proname::text
from pg_proc
where pronamespace = quote_ident(current_schema())::regnamespace and proname = any(%(names)s)
order by name;

-- name: kind
-- What one of our objects is: view, materialized_view, function or trigger_function; null: it is gone.
select coalesce(
    (
        select case relkind when 'v' then 'view' when 'm' then 'materialized_view' end
        from pg_class
        where relnamespace = quote_ident(current_schema())::regnamespace and relname = %(name)s
    ),
    (
        select case prorettype when 'trigger'::regtype then 'trigger_function' else 'function' end
        from pg_proc
        where pronamespace = quote_ident(current_schema())::regnamespace and proname = %(name)s
    )
) as kind;

-- name: drop_view
-- A view that is no longer served.
drop view %(name)s;

-- name: drop_materialized_view
-- Statistics that are no longer served.
drop materialized view %(name)s;

-- name: drop_function
-- A function that nothing of ours uses any more; if something of others does, the server refuses.
drop function %(name)s;

-- name: drop_trigger_function
-- Its triggers go with it.
drop function %(name)s cascade;

-- name: forget
-- What was dropped is no longer installed.
delete from logkiln_migrations
where name = %(name)s;

-- name: may_grant
-- Whether the roles exist already or the current user may make them.
select
    rolsuper
    or rolcreaterole
    or to_regrole('logkiln_reader') is not null as is_allowed
from pg_roles
where rolname = current_user;

-- name: may_hand_over
-- Whether the current user can give what it owns to logkiln_owner.
select
    coalesce(
        pg_has_role(current_user, to_regrole('logkiln_owner'), 'usage')
        and has_schema_privilege(to_regrole('logkiln_owner'), current_schema(), 'create'),
        false
    ) as is_allowed;

-- name: not_handed_over
-- What is not yet owned by logkiln_owner: of ours, and partitions of ours.
select
    case relations.relkind when 'm' then 'materialized_view' when 'v' then 'view' else 'table' end as kind,
    relations.relname::text as name
from pg_class as relations
left join pg_inherits on relations.oid = pg_inherits.inhrelid
left join pg_class as parents on pg_inherits.inhparent = parents.oid
where
    relations.relnamespace = quote_ident(current_schema())::regnamespace
    and relations.relkind in ('r', 'p', 'v', 'm')
    and coalesce(parents.relname, relations.relname) = any(%(names)s)
    and relations.relowner <> to_regrole('logkiln_owner')
union all
select
    'function',
    proname::text
from pg_proc
where
    pronamespace = quote_ident(current_schema())::regnamespace
    and proname = any(%(names)s)
    and proowner <> to_regrole('logkiln_owner')
union all
select
    'type',
    typname::text
from pg_type
where
    typnamespace = quote_ident(current_schema())::regnamespace
    and typtype = 'e'
    and typname = any(%(names)s)
    and typowner <> to_regrole('logkiln_owner');

-- name: give_table
-- The new owner of a table or partition.
alter table %(name)s owner to logkiln_owner;

-- name: give_view
-- The new owner of a view.
alter view %(name)s owner to logkiln_owner;

-- name: give_materialized_view
-- The new owner of statistics.
alter materialized view %(name)s owner to logkiln_owner;

-- name: give_function
-- The new owner of a function.
alter function %(name)s owner to logkiln_owner;

-- name: give_type
-- The new owner of a type.
alter type %(name)s owner to logkiln_owner;

-- name: refresh
-- All statistics views, at once.
select refresh_stats();

-- name: status
-- What is installed and how fresh it is.
select
    count_predictions,
    count_anomalies,
    count_templates,
    count_unscored,
    last_batch_id,
    last_batch_finished_at,
    refreshed_at
from stats_overview;
