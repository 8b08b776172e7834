-- The health of an installation, one row a check; what is not ok says what to do. It reads what the
-- roles logkiln_reader and logkiln_batch may read, and changes nothing:
--   psql "$DATABASE_URL" -f sql/checks.sql
with

days_ahead as (
    select
        to_char(days.day, 'YYYY-MM-DD') as day,
        to_regclass('ml_predictions' || to_char(days.day, '_YYYYMMDD')) is not null as is_there
    from generate_series(
        date_trunc('day', now() at time zone 'UTC'), now() at time zone 'UTC' + interval '1 day', interval '1 day'
    ) as days (day)
),

half_pruned as (
    select string_agg(pg_class.relname, ', ' order by pg_class.relname) as names
    from pg_class
    left join pg_inherits on pg_class.oid = pg_inherits.inhrelid
    where
        pg_class.relnamespace = quote_ident(current_schema())::regnamespace
        and pg_class.relkind = 'r'
        and pg_class.relname ~ '^(ml|shadow)_predictions_(\d{6}|\d{8})$'
        and (pg_inherits.inhrelid is null or pg_inherits.inhdetachpending)
),

bloated as (
    select string_agg(relname, ', ' order by n_dead_tup desc) as names
    from pg_stat_user_tables
    where
        schemaname = current_schema()
        and relname ~ '^(ml|alert|log|template|prediction|shadow|stats|logkiln)_'
        and n_dead_tup > 10000
        and n_dead_tup > n_live_tup
),

switched_off as (
    select string_agg(name, ', ' order by name) as names
    from pg_settings
    where name in ('autovacuum', 'fsync', 'full_page_writes', 'track_counts') and setting <> 'on'
),

recent as (
    select
        batch_id,
        error,
        count_set_aside,
        status in ('failed', 'interrupted') as is_failed
    from stats_batches
    where started_at > now() - interval '7 days'
),

failures as (
    select
        count(*) filter (where is_failed) as count_failed,
        coalesce(sum(count_set_aside), 0) as count_set_aside,
        left((array_agg(error order by batch_id desc) filter (where error is not null))[1], 200) as last_error
    from recent
),

undelivered as (
    select
        count(*) filter (where count_attempts > 0) as count_failing,
        count(*) filter (where count_attempts = 0) as count_untried
    from stats_alerts
    where delivered_at is null
),

latest_drift as (
    select score_psi
    from stats_drift
    order by batch_id desc
    limit 1
),

reader as (
    select count(*) as count_limited
    from pg_roles
    where rolname = 'logkiln_reader' and 'default_transaction_read_only=on' = any(rolconfig)
),

checks (place, name, is_ok, detail, remedy) as (
    select
        1,
        'batches on time',
        last_batch_id is not null and not is_late,
        coalesce('batch ' || last_batch_id || ' finished at ' || last_batch_finished_at, 'no batch has finished yet')
        || ', next is due at ' || next_due_at,
        'run python -m scoring, and see that its schedule is on'
    from freshness
    union all
    select
        2,
        'no log waits',
        oldest_unscored_at is null or now() - oldest_unscored_at <= 2 * (next_due_at - due_at),
        coalesce('the oldest unscored log arrived at ' || oldest_unscored_at, 'every log was looked at'),
        'run python -m scoring --since 7d'
    from freshness
    union all
    select
        3,
        'statistics current',
        coalesce(stats_overview.last_batch_id, 0) = coalesce(freshness.last_batch_id, 0),
        'of batch ' || coalesce(stats_overview.last_batch_id::text, 'none')
        || ', the latest is ' || coalesce(freshness.last_batch_id::text, 'none'),
        'run python -m sql refresh'
    from freshness
    left join stats_overview on true
    union all
    select
        4,
        'no batch failed',
        count_failed = 0,
        count_failed || ' failed or interrupted in 7 days' || coalesce(': ' || last_error, ''),
        'mend the cause, run it again'
    from failures
    union all
    select
        5,
        'no log set aside',
        count_set_aside = 0,
        count_set_aside || ' scored under a substitute in 7 days',
        'read set_aside in ml_batches'
    from failures
    union all
    select
        6,
        'alerts delivered',
        count_failing = 0,
        count_failing || ' tried in vain, ' || count_untried || ' not tried (held, muted, or no channel is set up)',
        'read last_error in alert_messages'
    from undelivered
    union all
    select
        7,
        'no drift',
        coalesce(max(score_psi), 0) <= 0.25,
        coalesce('PSI ' || round(max(score_psi)::numeric, 3) || ' in the latest batch', 'not measured yet'),
        'train on the last weeks'
    from latest_drift
    union all
    select
        8,
        'partitions ahead',
        bool_and(is_there),
        coalesce('missing: ' || string_agg(day, ', ' order by day) filter (where not is_there), 'today and tomorrow'),
        'every batch makes them: run python -m scoring'
    from days_ahead
    union all
    select
        9,
        'prune finished',
        names is null,
        coalesce('detached and not dropped: ' || names, 'nothing is half pruned'),
        'run python -m sql prune again'
    from half_pruned
    union all
    select
        10,
        'tables vacuumed',
        names is null,
        coalesce('more dead rows than live ones: ' || names, 'no table is mostly dead rows'),
        'end old transactions, vacuum these'
    from bloated
    union all
    select
        11,
        'settings',
        names is null,
        coalesce('off: ' || names, 'autovacuum, fsync, full_page_writes and track_counts are on'),
        'switch on what is off'
    from switched_off
    union all
    select
        12,
        'transaction ids',
        age(datfrozenxid) < 1.5 * current_setting('autovacuum_freeze_max_age')::bigint,
        'the oldest is ' || age(datfrozenxid) || ' transactions old',
        'vacuum falls behind: end old transactions, drop unused slots'
    from pg_database
    where datname = current_database()
    union all
    select
        13,
        'reader limited',
        count_limited = 1,
        case when count_limited = 1 then 'logkiln_reader reads only' else 'logkiln_reader is missing or may write' end,
        'run python -m sql migrate as a role that may make roles'
    from reader
)

select
    name as "check",
    case when is_ok then 'ok' else 'look' end as status,
    detail || case when is_ok then '' else '; ' || remedy end as detail
from checks
order by place;
