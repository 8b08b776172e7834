-- name: lock_channel
-- One message of a channel is put together at a time, so that caps are exact.
select pg_advisory_xact_lock(hashtext('logkiln.alerts'), hashtext(%(channel)s));

-- name: sort
-- Decide what becomes of each alert that a channel has not dealt with: told, held by the cap, or muted.
-- Those in quiet hours wait. What is older than two days is no news to a channel set up today.
with

waiting as (
    select
        alerts.alert_id,
        alerts.rule_id,
        alerts.severity,
        rules.most_per_hour,
        is_muted(alerts.source, alerts.template_id) as is_muted
    from ml_alerts as alerts
    left join alert_rules as rules using (rule_id)
    inner join ml_batches using (batch_id)
    where
        alerts.created_at > now() - interval '2 days'
        and ml_batches.status <> 'running'
        and (rules.channel is null or rules.channel = %(channel)s)
        and not is_quiet(rules.quiet_from, rules.quiet_until, rules.time_zone, now())
        and not exists (
            select from alert_deliveries as done
            where done.alert_id = alerts.alert_id and done.channel = %(channel)s
        )
),

told_lately as (
    select
        alerts.rule_id,
        count(*) as count_told
    from alert_messages as messages
    inner join alert_deliveries as deliveries using (message_id)
    inner join ml_alerts as alerts using (alert_id)
    where
        messages.channel = %(channel)s
        and messages.created_at > now() - interval '1 hour'
        and deliveries.outcome = 'told'
    group by alerts.rule_id
),

numbered as (
    select
        *,
        row_number() over (partition by rule_id, is_muted order by severity desc, alert_id desc) as number
    from waiting
)

insert into alert_deliveries (alert_id, channel, outcome)
select
    numbered.alert_id,
    %(channel)s,
    case
        when numbered.is_muted then 'muted'
        when numbered.number + coalesce(told_lately.count_told, 0) <= coalesce(numbered.most_per_hour, 20) then 'told'
        else 'held'
    end
from numbered
left join told_lately on numbered.rule_id is not distinct from told_lately.rule_id
on conflict (alert_id, channel) do nothing;

-- name: compose
-- Put what is to be told into a message, and with it the count of all that was held since the last.
with

composed as (
    insert into alert_messages (channel, batch_id)
    select
        %(channel)s,
        max(alerts.batch_id)
    from alert_deliveries as deliveries
    inner join ml_alerts as alerts using (alert_id)
    where deliveries.channel = %(channel)s and deliveries.outcome = 'told' and deliveries.message_id is null
    having count(*) > 0
    returning message_id
)

update alert_deliveries set message_id = composed.message_id
from composed
where
    alert_deliveries.channel = %(channel)s
    and alert_deliveries.outcome in ('told', 'held')
    and alert_deliveries.message_id is null;

-- name: claim
-- The next message that is due; whoever reads it holds it until the end of the transaction.
select
    message_id,
    message_key::text as message_key,
    channel,
    batch_id,
    created_at,
    count_attempts
from alert_messages
where
    channel = %(channel)s
    and delivered_at is null
    and abandoned_at is null
    and next_attempt_at <= clock_timestamp()
order by message_id
limit 1
for update skip locked;

-- name: told
-- What a message lists, most severe first.
select
    alerts.alert_id,
    alerts.fingerprint,
    alerts.severity,
    alerts.source,
    alerts.template_id,
    alerts.count_logs,
    coalesce(
        to_char(alerts.first_logged_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        alerts.first_logged_at::text
    ) as first_logged_at,
    alerts.example_log_entry_id,
    coalesce(
        to_char(alerts.example_logged_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        alerts.example_logged_at::text
    ) as example_logged_at,
    alerts.reasons,
    left(log_templates.text, 2000) as template_text,
    rules.name as rule,
    coalesce(rules.kind, 'anomaly') as kind,
    is_quiet(rules.quiet_from, rules.quiet_until, rules.time_zone, alerts.created_at) as is_delayed
from alert_deliveries as deliveries
inner join ml_alerts as alerts using (alert_id)
left join alert_rules as rules using (rule_id)
left join log_templates on alerts.template_id = log_templates.template_id
where deliveries.message_id = %(message_id)s and deliveries.outcome = 'told'
order by alerts.severity desc, alerts.alert_id asc
limit 2000;

-- name: lines
-- The beginnings of example logs; those that are gone are missing.
select
    id,
    left(message, %(most)s::integer) as message
from log_source
where id = any(%(ids)s::bigint[]) and logged_at = any(%(times)s::timestamptz[]);

-- name: held
-- What a message only counts: alerts beyond the cap of their rule.
select
    coalesce(rules.name, 'a rule that is gone') as rule,
    count(*) as count_alerts
from alert_deliveries as deliveries
inner join ml_alerts using (alert_id)
left join alert_rules as rules using (rule_id)
where deliveries.message_id = %(message_id)s and deliveries.outcome = 'held'
group by rules.name
order by count_alerts desc, rule asc
limit 20;

-- name: left_out
-- Matches that batches of a message did not even write.
select coalesce(sum(count_alerts_left_out), 0)::bigint as count_left_out
from ml_batches
where
    batch_id in (
        select alerts.batch_id
        from alert_deliveries as deliveries
        inner join ml_alerts as alerts using (alert_id)
        where deliveries.message_id = %(message_id)s
    );

-- name: delivered
-- A channel took a message; `error` says for whom it did not.
with

message as (
    update alert_messages
    set delivered_at = clock_timestamp(), count_attempts = count_attempts + 1, last_error = %(error)s
    where message_id = %(message_id)s
    returning message_id
)

update ml_alerts
set
    delivered_at = coalesce(ml_alerts.delivered_at, clock_timestamp()),
    count_attempts = ml_alerts.count_attempts + 1
from alert_deliveries as deliveries
inner join message using (message_id)
where ml_alerts.alert_id = deliveries.alert_id and deliveries.outcome = 'told';

-- name: failed
-- An attempt failed: not again before a while, and not at all once the message is two days old.
with

message as (
    update alert_messages
    set
        count_attempts = count_attempts + 1,
        last_error = %(error)s,
        next_attempt_at = clock_timestamp() + %(seconds)s * interval '1 second',
        abandoned_at = case when created_at < now() - interval '2 days' then clock_timestamp() end
    where message_id = %(message_id)s
    returning message_id
)

update ml_alerts
set count_attempts = ml_alerts.count_attempts + 1
from alert_deliveries as deliveries
inner join message using (message_id)
where ml_alerts.alert_id = deliveries.alert_id and deliveries.outcome = 'told';

-- name: seconds_until_due
-- When the next message of some channels is due; null: none waits.
select extract(epoch from min(next_attempt_at) - clock_timestamp())::double precision as seconds
from alert_messages
where channel = any(%(channels)s::text[]) and delivered_at is null and abandoned_at is null;

-- name: hours_quiet
-- Hours since a channel was last told or has had anything to tell; null: it never was.
select extract(epoch from now() - max(created_at))::double precision / 3600 as hours
from alert_messages
where channel = %(channel)s;

-- name: last_batch_after
-- Whether a batch finished, with nothing to tell, after the last message of a channel.
select exists(
    select from ml_batches
    where status = 'done' and batch_id > (
        select max(batch_id) from alert_messages
        where channel = %(channel)s
    )
) as is_after;
