-- name: told_once
-- The frame of what the end of a run finds worth telling, once each and a hundred a rule: what has
-- most logs first, then the latest.
with

matched as (
    select * from framed
),

-- What was not told yet, and how much of it a rule may tell a batch.
ranked as (
    select
        matched.*,
        row_number() over (
            partition by matched.rule_id
            order by matched.count_logs desc, matched.first_logged_at desc, matched.fingerprint asc
        ) <= 100 as is_told
    from matched
    left join ml_alerts as told using (fingerprint)
    where told.fingerprint is null
),

left_out as (
    update ml_batches
    set
        count_alerts_left_out = count_alerts_left_out + (
            select count(*) from ranked
            where not is_told
        )
    where batch_id = %(batch_id)s and exists (
        select from ranked
        where not is_told
    )
)

insert into ml_alerts (
    fingerprint,
    rule_id,
    batch_id,
    severity,
    source,
    template_id,
    count_logs,
    first_logged_at,
    example_log_entry_id,
    example_logged_at,
    reasons
)
select
    fingerprint,
    rule_id,
    %(batch_id)s,
    severity,
    source,
    template_id,
    count_logs,
    first_logged_at,
    example_log_entry_id,
    example_logged_at,
    reasons
from ranked
where is_told
on conflict (fingerprint) do nothing;

-- name: surge in alerts.told_once
-- Templates that come far more often than all day; read from the view, fresh in this transaction.
select distinct on (fingerprint)
    concat_ws('@', 'surge:' || surging.template_id || ':' || (now() at time zone 'UTC')::date, rules.channel)
        as fingerprint,
    rules.rule_id,
    rules.severity,
    surging.source,
    surging.template_id,
    surging.count_recent as count_logs,
    date_trunc('hour', now(), 'UTC') - interval '1 hour' as first_logged_at,
    surging.example_log_entry_id,
    surging.example_logged_at,
    'surge: ' || surging.count_recent || ' since the last full hour began, '
    || round(surging.expected_logs::numeric, 1) || ' expected' as reasons
from alert_rules as rules
inner join stats_surging_templates as surging
    on
        surging.expected_logs > 0
        and surging.count_recent >= rules.threshold * greatest(surging.expected_logs, 1)
        and rules.min_level <= surging.predicted_level
        and (rules.source is null or rules.source = surging.source)
        and (rules.template_id is null or rules.template_id = surging.template_id)
where rules.is_enabled and rules.kind = 'surge' and not is_muted(surging.source, surging.template_id)
order by fingerprint, rules.rule_id;

-- name: silence in alerts.told_once
-- Sources that came steadily and stopped; templates only where a rule names one.
with

paced as (
    select
        source,
        count(*) / count(*) filter (where count_logs > 0)::double precision as usual_gap_hours
    from (
        select
            source,
            hour_at,
            count_logs,
            max(hour_at) filter (where count_logs > 0) over (partition by source) as last_hour_at
        from source_hours()
    ) as hours
    where hour_at <= last_hour_at
    group by source
    having count(*) filter (where count_logs > 0) >= 12
),

silent as (
    select
        stats_sources.source,
        null::bigint as template_id,
        paced.usual_gap_hours,
        stats_sources.last_logged_at,
        null::bigint as example_log_entry_id,
        null::timestamptz as example_logged_at
    from paced
    inner join stats_sources using (source)
    union all
    select
        source,
        template_id,
        usual_gap_hours,
        last_seen_at,
        example_log_entry_id,
        example_logged_at
    from stats_vanished_templates
)

select distinct on (fingerprint)
    -- The time of the last log tells one silence from the next.
    concat_ws(
        '@',
        'silence:' || coalesce(silent.template_id::text, md5(silent.source)) || ':'
        || extract(epoch from silent.last_logged_at)::bigint,
        rules.channel
    ) as fingerprint,
    rules.rule_id,
    rules.severity,
    silent.source,
    silent.template_id,
    0 as count_logs,
    silent.last_logged_at as first_logged_at,
    silent.example_log_entry_id,
    silent.example_logged_at,
    'silent for ' || round((extract(epoch from now() - silent.last_logged_at) / 3600)::numeric, 1)
    || ' hours, usually a log every ' || round(silent.usual_gap_hours::numeric, 1) || ' hours or sooner'
        as reasons
from alert_rules as rules
inner join silent
    on
        (rules.source is null or rules.source = silent.source)
        and silent.template_id is not distinct from rules.template_id
        and silent.last_logged_at > now() - interval '7 days'
        and extract(epoch from now() - silent.last_logged_at) / 3600
        > rules.threshold + 5 * silent.usual_gap_hours
where rules.is_enabled and rules.kind = 'silence' and not is_muted(silent.source, silent.template_id)
order by fingerprint, rules.rule_id;

-- name: coverage
-- Logs that the batch set aside or left waiting, against those of a day.
with

covered as (
    select
        ml_batches.started_at,
        ml_batches.count_set_aside,
        stats_overview.count_unscored,
        1 - (ml_batches.count_set_aside + stats_overview.count_unscored)::double precision
        / greatest(stats_overview.count_predictions_24h, ml_batches.count_logs, 1) as share
    from ml_batches
    cross join stats_overview
    where ml_batches.batch_id = %(batch_id)s
)

insert into ml_alerts (fingerprint, rule_id, batch_id, severity, source, count_logs, first_logged_at, reasons)
select distinct on (fingerprint)
    concat_ws('@', 'coverage:' || (now() at time zone 'UTC')::date, rules.channel) as fingerprint,
    rules.rule_id,
    %(batch_id)s,
    rules.severity,
    'logkiln',
    covered.count_set_aside + covered.count_unscored,
    covered.started_at,
    covered.count_unscored || ' logs wait unscored and ' || covered.count_set_aside
    || ' were set aside by batch ' || %(batch_id)s
from alert_rules as rules
inner join covered on rules.threshold > covered.share
where rules.is_enabled and rules.kind = 'coverage' and not is_muted('logkiln', null)
order by fingerprint, rules.rule_id
on conflict (fingerprint) do nothing;

-- name: lateness
-- A batch that came later than the schedule tolerates: later than it was due for the log that waited
-- longest, so that runs that never came count, too. A first batch is not late.
with

batch as (
    select
        ml_batches.batch_id,
        ml_batches.started_at,
        (
            select max(earlier.started_at) from ml_batches as earlier
            where earlier.batch_id < ml_batches.batch_id
        ) as began_before_at
    from ml_batches
    where ml_batches.batch_id = %(batch_id)s
),

waited as (
    select
        batch.started_at,
        (
            select min(logs.ingested_at) from log_source as logs
            where logs.ingested_at >= batch.began_before_at and logs.ingested_at < batch.started_at
        ) as ingested_at
    from batch
),

due as (
    select
        waited.started_at,
        ml_schedule.tolerance,
        date_bin(
            ml_schedule.run_every,
            waited.ingested_at,
            timestamptz '2000-01-01 00:00:00+00' + ml_schedule.run_offset
        ) + ml_schedule.run_every as due_at
    from waited
    cross join ml_schedule
)

insert into ml_alerts (fingerprint, rule_id, batch_id, severity, source, count_logs, first_logged_at, reasons)
select distinct on (fingerprint)
    concat_ws('@', 'lateness:' || (now() at time zone 'UTC')::date, rules.channel) as fingerprint,
    rules.rule_id,
    %(batch_id)s,
    rules.severity,
    'logkiln',
    0,
    due.due_at,
    'batch ' || %(batch_id)s || ' was due at ' || to_char(due.due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
    || ' UTC and began ' || round(extract(epoch from due.started_at - due.due_at) / 60)
    || ' minutes later, while logs waited'
from alert_rules as rules
inner join due on due.started_at - due.due_at > due.tolerance
where rules.is_enabled and rules.kind = 'lateness' and not is_muted('logkiln', null)
order by fingerprint, rules.rule_id
on conflict (fingerprint) do nothing;

-- name: drift
-- Logs that no longer look like those that the model was trained on; once a week and model.
insert into ml_alerts (fingerprint, rule_id, batch_id, severity, source, count_logs, first_logged_at, reasons)
select distinct on (fingerprint)
    concat_ws(
        '@', 'drift:' || drift.model_id || ':' || to_char(now() at time zone 'UTC', 'IYYY-IW'), rules.channel
    ) as fingerprint,
    rules.rule_id,
    %(batch_id)s,
    rules.severity,
    'logkiln',
    drift.count_logs,
    ml_batches.started_at,
    'scores have drifted: stability index ' || round(drift.score_psi::numeric, 2) || ', at most '
    || rules.threshold || ' expected; ' || round(100 * coalesce(drift.share_unseen_words, 0)::numeric)
    || ' percent of words were never seen in training: retrain with `python -m training`'
from alert_rules as rules
inner join stats_drift as drift
    -- The index of a few logs is chance.
    on drift.batch_id = %(batch_id)s and rules.threshold < drift.score_psi and drift.count_logs >= 1000
inner join ml_batches on drift.batch_id = ml_batches.batch_id
where rules.is_enabled and rules.kind = 'drift' and not is_muted('logkiln', null)
order by fingerprint, rules.rule_id
on conflict (fingerprint) do nothing;

-- name: refresh
-- Show what the end of the batch brought.
select refresh_alerts();

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

-- name: mute
-- Hear no more of a source, a template, or both, for a while.
insert into ml_mutes (source, template_id, muted_until, reason, created_by)
values (%(source)s, %(template_id)s, now() + %(seconds)s * interval '1 second', %(reason)s, current_user)
returning mute_id, muted_until;
