-- name: partitions
-- Partitions whose logs are all older than so many days, the oldest first. What holds the times of
-- wrong clocks is no day that could be old, and stays.
with

bounded as (
    select
        parents.relname::text as parent,
        partitions.relname::text as partition,
        pg_inherits.inhdetachpending as is_half_detached,
        pg_get_expr(partitions.relpartbound, partitions.oid) as bounds
    from pg_inherits
    inner join pg_class as parents on pg_inherits.inhparent = parents.oid
    inner join pg_class as partitions on pg_inherits.inhrelid = partitions.oid
    where
        parents.relnamespace = quote_ident(current_schema())::regnamespace
        and parents.relname in ('ml_predictions', 'shadow_predictions')
),

dated as (
    select
        parent,
        partition,
        is_half_detached,
        substring(bounds from 'TO \(''([^'']+)''\)')::timestamptz as range_until
    from bounded
    where bounds not like '%%M__VALUE%%'
)

select
    parent,
    partition,
    is_half_detached
from dated
where range_until <= now() - %(days)s * interval '1 day'
order by range_until, parent;

-- name: leftovers
-- What an earlier prune detached and did not get to drop.
select
    regexp_replace(relname, '_\d+$', '') as parent,
    relname::text as partition
from pg_class
where
    relnamespace = quote_ident(current_schema())::regnamespace
    and relkind = 'r'
    and not relispartition
    and relname ~ '^(ml|shadow)_predictions_(\d{6}|\d{8})$'
order by relname;

-- name: detach
-- Take a partition out beside readers and writers: they are waited for, and do not wait.
alter table %(schema)s.%(parent)s detach partition %(schema)s.%(partition)s concurrently; -- noqa: PRS

-- name: finish_detaching
-- Finish what was cut off.
alter table %(schema)s.%(parent)s detach partition %(schema)s.%(partition)s finalize; -- noqa: PRS

-- name: note
-- What goes still counts as scored.
insert into ml_pruned (relation, range_from, range_until, count_rows)
select
    %(relation)s,
    min(logged_at),
    max(logged_at) + interval '1 microsecond',
    count(*)
from pruned
having count(*) > 0
returning count_rows;

-- name: look_at
-- The detached partition under a name that statements know.
create temporary view pruned as select * from %(partition)s;

-- name: drop_view
-- It held the table.
drop view pruned;

-- name: drop
-- Nobody reads it any more.
drop table %(partition)s;

-- name: keep_totals
-- Hours that are forgotten still count in the totals.
select set_config('logkiln.is_pruning', 'on', true);

-- name: forget_hours
-- Rollups older than so many days, comparisons in the shadow but the present challenger's, which are
-- still to be decided on, and traces that ended before; their templates go with them.
with

of_templates as (
    delete from template_hourly
    where hour_at < now() - %(days)s * interval '1 day'
    returning 1
),

of_predictions as (
    delete from prediction_hourly
    where hour_at < now() - %(days)s * interval '1 day'
    returning 1
),

of_days as (
    delete from prediction_daily
    where day < (now() at time zone 'UTC')::date - %(days)s
    returning 1
),

of_shadows as (
    delete from shadow_daily
    where
        day < (now() at time zone 'UTC')::date - %(days)s
        and model_id not in (
            select ml_models.model_id from ml_models
            where ml_models.role = 'challenger'
        )
    returning 1
),

of_traces as (
    delete from traces
    where last_logged_at < now() - %(days)s * interval '1 day'
    returning 1
)

select
    (select count(*) from of_templates)
    + (select count(*) from of_predictions)
    + (select count(*) from of_days)
    + (select count(*) from of_shadows)
    + (select count(*) from of_traces) as count_rows;

-- name: forget_batches
-- Runs that ended so many days ago, but for the thousand that were finished last: what is scored, how
-- late runs are and how scores drift is told by those. One whose traces are not counted yet stays.
with

of_batches as (
    delete from ml_batches
    where
        finished_at < now() - %(days)s * interval '1 day'
        and is_traced
        and batch_id < (
            select finished.batch_id from ml_batches as finished
            where finished.status = 'done'
            order by finished.batch_id desc
            limit 1 offset 999
        )
    returning 1
)

select count(*) as count_rows from of_batches;

-- name: forget_alerts
-- Alerts that old, told or not, and messages that list no other. Deliveries go with them.
with

of_alerts as (
    delete from ml_alerts
    where created_at < now() - %(days)s * interval '1 day'
    returning alert_id
),

of_messages as (
    delete from alert_messages
    where
        created_at < now() - %(days)s * interval '1 day'
        and not exists (
            select from alert_deliveries
            where
                alert_deliveries.message_id = alert_messages.message_id
                and alert_deliveries.alert_id not in (select of_alerts.alert_id from of_alerts)
        )
    returning message_id
)

select
    (select count(*) from of_alerts)
    + (select count(*) from of_messages) as count_rows;

-- name: forget_templates
-- Templates not seen for so many days that nobody judged, muted or has a rule for, and that no alert
-- and no prediction refers to: a log of 1970 keeps its own. What they counted stays in the totals.
with

unused as (
    select stored.template_id
    from log_templates as stored
    where
        stored.last_seen_at < now() - %(days)s * interval '1 day'
        and not exists (select from template_hourly where template_hourly.template_id = stored.template_id)
        and not exists (select from ml_alerts where ml_alerts.template_id = stored.template_id)
        and not exists (select from alert_rules where alert_rules.template_id = stored.template_id)
        and not exists (
            select from ml_feedback
            where ml_feedback.template_id = stored.template_id and ml_feedback.revoked_at is null
        )
        and not exists (
            select from ml_mutes
            where
                ml_mutes.template_id = stored.template_id
                and ml_mutes.revoked_at is null
                and ml_mutes.muted_until > now()
        )
        and not exists (
            select from ml_predictions as scored
            where
                scored.template_id = stored.template_id
                and scored.logged_at < now() - %(days)s * interval '1 day'
        )
),

of_levels as (
    delete from template_levels
    where template_id in (select unused.template_id from unused)
    returning template_id
),

of_templates as (
    delete from log_templates
    where template_id in (select unused.template_id from unused)
    returning first_seen_at, last_seen_at, count_logs
),

noted as (
    insert into ml_pruned (relation, range_from, range_until, count_rows)
    select
        'log_templates',
        min(first_seen_at),
        max(last_seen_at) + interval '1 microsecond',
        sum(count_logs)
    from of_templates
    having count(*) > 0
)

select
    (select count(*) from of_levels) as count_levels,
    (select count(*) from of_templates) as count_templates;
