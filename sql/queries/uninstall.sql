-- name: find
-- What was installed in this schema, with the place in the order in which it can be dropped: triggers
-- go with their tables, and hold their functions until then. Partitions that are attached go with
-- their tables, too, and are listed to be shown.
create temporary table installed_objects on commit drop as
with

ours as (
    select
        oid,
        relkind
    from pg_class
    where
        relnamespace = quote_ident(current_schema())::regnamespace
        and (
            (relkind in ('v', 'm') and relname = any(%(views)s))
            or (relkind in ('r', 'p') and relname = any(%(tables)s))
            -- What prune detached and did not get to drop.
            or (relkind = 'r' and not relispartition and relname ~ '^(ml|shadow)_predictions_(\d{6}|\d{8})$')
        )
)

select
    -- Statistics read log_source.
    case relkind when 'm' then 1 when 'v' then 2 else 4 end as place,
    case relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end as kind,
    oid::regclass::text as identity,
    'pg_class'::regclass as catalog,
    oid
from ours
union all
select
    null,
    'partition of ' || ours.oid::regclass,
    pg_inherits.inhrelid::regclass::text,
    'pg_class'::regclass,
    pg_inherits.inhrelid
from ours
inner join pg_inherits on ours.oid = pg_inherits.inhparent
union all
select
    case prorettype when 'trigger'::regtype then 5 else 3 end,
    'function',
    oid::regprocedure::text,
    'pg_proc'::regclass,
    oid
from pg_proc
where pronamespace = quote_ident(current_schema())::regnamespace and proname = any(%(functions)s)
union all
select
    6,
    'type',
    oid::regtype::text,
    'pg_type'::regclass,
    oid
from pg_type
where typnamespace = quote_ident(current_schema())::regnamespace and typname = any(%(types)s);

-- name: has_logs
-- Whether there are logs in our own table.
select exists(select from log_entries) as has_logs;

-- name: listed
-- What was found, to be shown.
select
    kind,
    identity
from installed_objects
order by place, kind, identity;

-- name: size
-- Room that it takes.
select pg_size_pretty(coalesce(sum(pg_total_relation_size(oid)), 0)) as size
from installed_objects
where catalog = 'pg_class'::regclass;

-- name: read_through
-- Tables behind the adapter view that are not among what was found.
select distinct pg_depend.refobjid::regclass::text as name
from pg_rewrite
inner join pg_depend on pg_rewrite.oid = pg_depend.objid and pg_depend.classid = 'pg_rewrite'::regclass
inner join pg_class on pg_depend.refobjid = pg_class.oid and pg_depend.refclassid = 'pg_class'::regclass
where
    pg_rewrite.ev_class = to_regclass('log_source')
    and pg_class.oid <> pg_rewrite.ev_class
    and pg_class.oid not in (select installed_objects.oid from installed_objects)
order by name;

-- name: dependents
-- Objects of others that need what was found, or a part of it such as a key or a row type.
with recursive

parts (catalog, oid) as (
    select
        catalog::oid,
        oid
    from installed_objects
    union
    select
        pg_depend.classid,
        pg_depend.objid
    from parts
    inner join pg_depend on parts.catalog = pg_depend.refclassid and parts.oid = pg_depend.refobjid
    where pg_depend.deptype in ('a', 'i', 'P', 'S')
)

select distinct
    case
        -- A view needs what its rule needs.
        when pg_rewrite.oid is not null then pg_describe_object('pg_class'::regclass, pg_rewrite.ev_class, 0)
        else pg_describe_object(pg_depend.classid, pg_depend.objid, 0)
    end as name
from parts
inner join pg_depend on parts.catalog = pg_depend.refclassid and parts.oid = pg_depend.refobjid
left join pg_rewrite on pg_depend.classid = 'pg_rewrite'::regclass and pg_depend.objid = pg_rewrite.oid
where
    pg_depend.deptype = 'n'
    and not exists (
        select from parts as others
        where others.catalog = pg_depend.classid and others.oid = pg_depend.objid
    )
order by name;

-- name: hurry
-- Whoever reads or scores is not kept waiting long behind us.
set local lock_timeout = '10s';

-- name: hold_logs
-- No log comes in between the look whether there are any and the end.
lock table log_entries in share mode;

-- name: drop_partitions
-- Some partitions, oldest first. Each takes five of the locks that a server has for all: some 6,400
-- by default, which a few years of days would use up in one transaction.
do $$
declare
    partition text;
begin
    for partition in
        select identity
        from installed_objects
        where kind like 'partition of %%'
        order by identity
        limit 100
    loop
        execute format('drop table %%s', partition);
    end loop;
end
$$;

-- name: drop
-- Without cascade: whatever else needs any of it, the server refuses.
do $$
declare
    found record;
begin
    for found in
        select kind, string_agg(identity, ', ') as identities
        from installed_objects
        where place is not null
        group by place, kind
        order by place
    loop
        execute format('drop %%s %%s', found.kind, found.identities);
    end loop;
end
$$;

-- name: take_logs
-- Logs that stay are handed to who uninstalls, so that no role of ours is needed for them.
do $$
begin
    execute format('alter table log_entries owner to %%I', current_user);
exception
    when insufficient_privilege then null; -- They stay with their owner, who then stays, too.
end
$$;

-- name: find_roles
-- Our roles; those that others made are theirs.
create temporary table installed_roles on commit drop as
select
    rolname::text as name,
    case shobj_description(oid, 'pg_authid') when 'Made by Logkiln.' then null else 'not made by us' end as kept
from pg_roles
where rolname in ('logkiln_owner', 'logkiln_batch', 'logkiln_reader', 'logkiln_writer');

-- name: drop_roles
-- Take from the roles what they may do in this schema; then drop those that nothing else uses.
do $$
declare
    role_name text;
begin
    for role_name in select name from installed_roles loop
        execute format('revoke all on schema %%I from %%I', current_schema(), role_name);
    end loop;
    update installed_roles set kept = 'connected'
    where
        kept is null
        and exists (
            select from pg_stat_activity
            where usename = installed_roles.name and pid <> pg_backend_pid()
        );
    for role_name in
        select name from installed_roles
        where kept is null
    loop
        begin
            execute format('drop role %%I', role_name);
        exception
            when dependent_objects_still_exist then
                update installed_roles set kept = 'used elsewhere' where name = role_name;
            when insufficient_privilege or object_in_use then
                update installed_roles set kept = sqlerrm where name = role_name;
        end;
    end loop;
end
$$;

-- name: roles
-- What became of the roles.
select
    name,
    kept
from installed_roles
order by name;
