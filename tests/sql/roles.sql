-- name: relations
-- Tables, partitions, views and sequences of ours, and whether a view is one that is served.
select
    pg_class.relname::text as name,
    case
        when pg_class.relispartition then 'partition'
        when pg_class.relkind = 'S' then 'sequence'
        when ledger.name is not null then 'served'
        else 'table'
    end as kind
from pg_class
left join logkiln_migrations as ledger on 'views/' || pg_class.relname = ledger.name
where pg_class.relnamespace = quote_ident(current_schema())::regnamespace and pg_class.relkind in ('r', 'p', 'v', 'm', 'S')
order by pg_class.relname;

-- name: functions
-- Functions of ours.
select
    proname::text as name,
    prorettype = 'trigger'::regtype as is_trigger,
    prosecdef as is_definer,
    proconfig as settings
from pg_proc
where pronamespace = quote_ident(current_schema())::regnamespace
order by proname;

-- name: try_everything
-- As whoever is connected: every action on every relation, and a call of every function. Each try is
-- taken back; what was not refused for want of a right was allowed, even if it came to nothing.
create temporary table tried (name text, action text, is_allowed boolean) on commit drop;
create temporary table triggered (one integer) on commit drop;
do $$
declare
    try record;
    said text;
begin
    for try in
        select relname as name, action, format(template, relname, attname) as statement
        from pg_class
        inner join pg_attribute on pg_class.oid = attrelid and attnum = 1
        cross join (values
            ('select', 'select from %%I limit 0'),
            ('insert', 'insert into %%I default values'),
            ('update', 'update %%I set %%I = default where false'),
            ('delete', 'delete from %%I where false'),
            ('truncate', 'truncate %%I')
        ) as actions (action, template)
        where
            relnamespace = quote_ident(current_schema())::regnamespace
            and (relkind in ('r', 'p', 'v') or (relkind = 'm' and action = 'select'))
            and (relkind <> 'v' or action <> 'truncate')
        union all
        select relname, 'nextval', format('select nextval(%%L)', relname)
        from pg_class
        where relnamespace = quote_ident(current_schema())::regnamespace and relkind = 'S'
        union all
        select proname || '()', 'call', case
            when prorettype = 'trigger'::regtype
                then format(
                    'create trigger tried after delete on triggered for each statement execute function %%I()', proname
                )
            else format(
                'select %%I(%%s)', proname,
                (select string_agg('null::' || format_type(type, null), ', ') from unnest(proargtypes) as type)
            )
        end
        from pg_proc
        where pronamespace = quote_ident(current_schema())::regnamespace
        union all
        select 'schema', 'create', 'create table more (one integer)'
    loop
        begin
            execute try.statement;
            said := 'permitted';
            raise exception using errcode = 'TRIED';
        exception
            when sqlstate 'TRIED' then said := 'permitted';
            -- Neither a right nor the want of one: nobody can insert into such a view.
            when object_not_in_prerequisite_state then said := null;
            when insufficient_privilege then said := sqlerrm;
            when others then said := 'permitted';
        end;
        -- A function that may be called may meet what its caller may not do.
        insert into tried values (
            try.name, try.action,
            said = 'permitted' or (try.action = 'call' and said not like 'permission denied for function%%')
        );
    end loop;
end
$$;

-- name: tried
-- What was allowed.
select
    name,
    string_agg(action, ' ' order by action) as actions
from tried
where is_allowed
group by name
order by name;

-- name: count_tried
-- How much was tried.
select count(*) as count_tried from tried;

-- name: make_stranger
-- Somebody who may connect.
create role stranger login;

-- name: drop_stranger
-- And leaves.
drop role stranger;

-- name: session_limits
-- Limits that stand on the role.
select
    name,
    setting || coalesce(unit, '') as setting
from pg_settings
where source = 'user'
order by name;

-- name: write_anything
-- What a reader must not do even where it may.
create table anything (one integer);

-- name: shadow_tables
-- A caller's temporary tables by our names, whose trigger would run with the rights of the owner.
create temporary table log_templates (template_id bigint, source text) on commit drop;
insert into log_templates values (1, 'nobody');
create temporary table ml_mutes (
    mute_id bigint generated always as identity,
    source text, template_id bigint, muted_until timestamptz, reason text, created_by text
) on commit drop;
grant all on log_templates, ml_mutes to public;
create function pg_temp.take_over() returns trigger
language plpgsql
as $$
begin
    raise exception 'taken over as %%', current_user;
end
$$;
create trigger take_over before insert on ml_mutes
for each row execute function pg_temp.take_over();

-- name: mute_nobody
-- A mute of a source that only the temporary table knows.
select mute('nobody', null, interval '1 hour', 'because', 'me') as mute_id;

-- name: make_owner
-- Somebody who owns this database and may not make roles.
create role dev login;
do $$
begin
    execute format('alter database %%I owner to dev', current_database());
end
$$;

-- name: let_make_roles
-- And now may, as who owns a managed database mostly may.
alter role dev createrole;

-- name: our_roles
-- Roles of ours that there are.
select rolname::text as name
from pg_roles
where rolname like 'logkiln%%'
order by rolname;

-- name: owners
-- Who owns what is in the schema.
select distinct relowner::regrole::text as name
from pg_class
where relnamespace = quote_ident(current_schema())::regnamespace
order by name;
