-- name: server
-- What server this is, and what may be done on it.
select
    current_setting('server_version') as version,
    current_setting('server_version_num')::integer as version_number,
    pg_is_in_recovery() as is_replica,
    current_setting('transaction_read_only')::boolean as is_read_only,
    clock_timestamp() as now;

-- name: roles
-- The roles: whether they are there, can do their work, and cannot do what they must not.
with

wanted (name, relation, privilege) as (
    values
    ('logkiln_batch', 'ml_predictions', 'insert'),
    ('logkiln_reader', 'stats_overview', 'select'),
    ('logkiln_writer', 'unmute(bigint, text)', 'execute')
)

select
    wanted.name,
    roles.oid is not null as is_there,
    coalesce(
        case
            when wanted.privilege = 'execute'
                then has_function_privilege(roles.oid, to_regprocedure(wanted.relation), wanted.privilege)
            else has_table_privilege(roles.oid, to_regclass(wanted.relation), wanted.privilege)
        end, false
    ) as may_work,
    coalesce(
        wanted.name <> 'logkiln_batch'
        and has_table_privilege(roles.oid, to_regclass('ml_predictions'), 'insert, update, delete'),
        false
    ) as may_too_much
from wanted
left join pg_roles as roles on wanted.name = roles.rolname
order by wanted.name;

-- name: freshness
-- How fresh the predictions are, and how the latest batch ended if it failed.
select
    freshness.last_batch_finished_at,
    freshness.seconds_since_batch,
    freshness.seconds_late,
    freshness.is_late,
    (
        select case when latest.status = 'failed' then left(latest.error, 300) end
        from ml_batches as latest
        order by latest.batch_id desc
        limit 1
    ) as last_error
from freshness;

-- name: unfit_logs
-- What log_source gives against its contract, among the million logs at most that arrived last and that
-- the next batch looks at: one row a fault, with how many, and three by name. Of those that arrived when
-- nobody knows, some.
with

looked_at as (
    select
        id,
        logged_at,
        ingested_at
    from log_source
    where ingested_at >= least(scored_horizon(), now() - interval '24 hours')
    order by ingested_at desc
    limit 1000000
),

unfit as (
    select
        'without id or time, and every batch that meets them fails' as fault,
        concat_ws(
            ', ', coalesce('id ' || id, 'no id'), coalesce('of ' || logged_at, 'no time'), 'arrived ' || ingested_at
        ) as named
    from looked_at
    where id is null or logged_at is null
    union all
    select
        'with id and time of another, and every batch that meets both without prediction fails',
        count(*) || ' of id ' || id || ' and ' || logged_at
    from looked_at
    where id is not null and logged_at is not null
    group by id, logged_at
    having count(*) > 1
    union all
    select
        'without time of arrival, and no batch finds them',
        coalesce('id ' || id, 'no id')
    from (
        select id from log_source
        where ingested_at is null
        limit 1000
    ) as lost
)

select
    fault,
    count(*) as count_unfit,
    array_to_string((array_agg(named order by named))[:3], '; ') as examples
from unfit
group by fault
order by fault;

-- name: hours_between_batches
-- How often batches are due.
select extract(epoch from run_every)::double precision / 3600 as hours from ml_schedule;

-- name: alerts
-- Messages that did not reach their channel.
select
    (
        select count(*) from alert_rules
        where is_enabled
    ) as count_rules,
    count(*) filter (where delivered_at is null and abandoned_at is null and count_attempts > 0) as count_failing,
    count(*) filter (where abandoned_at > now() - interval '7 days') as count_abandoned,
    (
        array_agg(channel || ': ' || last_error order by message_id desc)
        filter (where delivered_at is null and last_error is not null)
    )[1] as last_error
from alert_messages;
