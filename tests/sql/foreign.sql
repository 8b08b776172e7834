-- name: foreign_table
-- Somebody's table under a name that we would take.
create table ml_predictions (mine text);

-- name: foreign_view
-- Somebody's view.
create view log_source as select 'mine' as mine;

-- name: foreign_statistics
-- Somebody's view under the name of one of our statistics.
create view stats_levels as select 'mine' as mine;

-- name: foreign_function
-- Somebody's function.
create function refresh_stats() returns void
language sql
as $$ select 1 $$;

-- name: foreign_type
-- Somebody's type.
create type log_level as enum ('good', 'bad');

-- name: foreign_sequence
-- Somebody's sequence.
create sequence template_hourly;

-- name: foreign_views
-- Somebody's view.
create view mine as select 1 as mine;

-- name: foreign_functions
-- Somebody's function.
create function mine() returns integer language sql as $$ select 2 $$;

-- name: foreign_migrations
-- Somebody's table.
create table mine (mine text);

-- name: foreign_index
-- Somebody's index on somebody's table.
create table mine (mine text);
create index ml_feedback_template on mine (mine);

-- name: life_of_others
-- What a database may hold before us: things of its own in the same schema, with rights, and logs.
create type mood as enum ('good', 'bad');
create table app_logs (
    id uuid primary key default gen_random_uuid(),
    created_at timestamptz not null default now(),
    service text not null,
    severity text,
    body text not null,
    request_id text,
    mood mood default 'good'
);
create index app_logs_service on app_logs (service);
insert into app_logs (id, created_at, service, body)
values ('6f6d2c5e-3f0b-4e0a-9a55-0a4c3a1f2b11', '2026-01-02 03:04:05Z', 'shop', 'paid twice');
create view stats_of_mine as select count(*) as count_logs from app_logs;
create materialized view ml_mine as select 1 as one;
create function mute_me() returns integer language sql as $$ select 1 $$;
comment on function mute_me() is 'Mine.';
grant select on app_logs, stats_of_mine to public;
do $$
begin
    execute format('grant usage on schema %%I to public', current_schema());
end
$$;

-- name: grown_on_function
-- Somebody's view that calls one of ours.
create view grown as select has_daily_partitions('ml_predictions', '2001-02-03') as is_daily;

-- name: drop_grown
-- It goes.
drop view grown;

-- name: grown_view
-- Somebody's view on ours.
create view grown as select count_logs from stats_levels;

-- name: grown_view_on_partition
-- Somebody's view on a part of ours.
create view grown as select * from ml_predictions_early;

-- name: grown_column
-- Somebody's column of a type of ours.
create table grown (level log_level);

-- name: grown_argument
-- Somebody's function on a row of ours.
create function grown(alert ml_alerts) returns text language sql as $$ select alert.reasons $$;

-- name: grown_key
-- Somebody's foreign key to ours.
create table grown (model_id smallint references ml_models);

-- name: grown_trigger
-- Somebody's trigger that runs ours.
create table mine (mine text);
create trigger grown after truncate on mine for each statement execute function subtract_predictions();

-- name: grown_default
-- Somebody's default by a function of ours.
create table mine (mine text, grown timestamptz default scored_horizon());

-- name: logs_left
-- What became of the logs.
select
    (select count(*) from log_entries) as count_logs,
    (select relowner::regrole::text from pg_class where oid = 'log_entries'::regclass) as owner;

-- name: one_log
-- A log in our table.
insert into log_entries (source, message, logged_at)
values ('shop', 'paid twice', now());

-- name: make_role
-- A role that an administrator made, by one of our names.
create role logkiln_writer login;

-- name: forget_role
-- It goes.
drop role logkiln_writer;
