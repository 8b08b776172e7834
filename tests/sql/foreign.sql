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

-- name: foreign_index
-- Somebody's index on somebody's table.
create table mine (mine text);
create index ml_feedback_template on mine (mine);
