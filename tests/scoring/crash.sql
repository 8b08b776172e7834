-- name: make_february_logs
-- Logs of one month long ago, so that their partition can be named.
insert into log_entries (logged_at, source, level, message)
select
    '2001-02-03 04:05:06+00',
    'archive',
    'info',
    'restored ' || number || ' pages of table ' || md5((number %% 9)::text)
from generate_series(1, %(count)s::bigint) as number;

-- name: hold_start
-- A scorer waits at its beginning.
lock table ml_batches in share mode;

-- name: hold_read
-- A scorer waits while it looks for logs without a prediction.
lock table ml_predictions_200102 in access exclusive mode;

-- name: hold_copy
-- A scorer waits in the middle of its COPY.
lock table ml_predictions_200102 in share mode;

-- name: hold_templates
-- A scorer waits between its COPY and the rollups.
lock table log_templates in share mode;

-- name: hold_alerts
-- A scorer waits after the rollups.
lock table ml_alerts in share mode;

-- name: hold_refresh
-- A scorer waits in the middle of its refresh.
refresh materialized view concurrently stats_severity;

-- name: terminate_scorers
-- End the scorers' connections of one kind.
select count(pg_terminate_backend(pid))
from pg_stat_activity
where datname = current_database() and application_name = %(application)s;

-- name: count_connections
-- Connections of scorers.
select count(*)
from pg_stat_activity
where datname = current_database() and application_name like 'logkiln %%';

-- name: count_advisory_locks
-- Advisory locks in this database that anybody holds.
select count(*)
from pg_locks
where
    locktype = 'advisory'
    and database = (select oid from pg_database where datname = current_database());

-- name: wait_for_nobody
-- From now on in this transaction it is an error to wait for a lock for long.
set local lock_timeout = '100ms';

-- name: one_look
-- What a reader sees in one look at several views: all of it must be of the same batches.
select
    (select count_predictions from stats_overview) as overview,
    (select sum(count_logs) from stats_levels)::bigint as by_level,
    (select sum(count_logs) from stats_severity)::bigint as by_severity,
    (select sum(count_logs) from stats_sources)::bigint as by_source,
    (select sum(count_logs) from stats_templates)::bigint as by_template,
    (select sum(count_logs) from stats_batches where status = 'done')::bigint as by_batch,
    (select last_batch_id from stats_overview) as overview_batch,
    (select max(batch_id) from stats_batches where status = 'done') as last_batch;

-- name: tighten
-- Limits as a provider may set them on the database.
do $$
begin
    execute format('alter database %%I set idle_in_transaction_session_timeout = 50', current_database());
end
$$;

-- name: settings
-- What a client of a pooler finds on its connection.
select
    current_setting('search_path') as search_path,
    current_setting('enable_hashjoin') as enable_hashjoin,
    current_setting('enable_nestloop') as enable_nestloop,
    current_setting('max_parallel_workers_per_gather') as workers;

-- name: count_transactions
-- Transactions that wrote the predictions there are.
select count(distinct xmin::text)
from ml_predictions;

-- name: before_predicted_at
-- What a migration of later gave to a column, taken away.
alter table ml_predictions alter column predicted_at drop default;
