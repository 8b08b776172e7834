-- name: begin_batch
-- A batch at work, and a model for it.
with

model as (
    insert into ml_models (version, role, manifest)
    values (
        gen_random_uuid()::text,
        'retired',
        '{"score_histogram": [1000, 0, 0, 0, 0, 0, 0, 0, 0, 0], "count_training_logs": 1000}'
    )
    returning model_id
)

insert into ml_batches (model_id, score_histogram, started_at)
select
    model_id,
    '{1000, 0, 0, 0, 0, 0, 0, 0, 0, 0}',
    clock_timestamp()
from model
returning batch_id;

-- name: end_batch
-- It is done.
update ml_batches
set status = 'done', finished_at = clock_timestamp(), complete_until = started_at
where batch_id = %(batch_id)s;

-- name: change_batch
-- A batch of another kind.
update ml_batches
set
    score_histogram = coalesce(%(histogram)s::bigint[], score_histogram),
    count_logs = coalesce(%(count_logs)s, count_logs),
    count_set_aside = coalesce(%(count_set_aside)s, count_set_aside)
where batch_id = %(batch_id)s;

-- name: stage
-- Groups as a chunk brings them; what is left out has a default.
insert into staged_groups
select
    given.template_id,
    1,
    date_trunc('hour', coalesce(given.at, now()), 'UTC'),
    0.9,
    0.9,
    coalesce(given.is_anomaly, true),
    (select max(model_id) from ml_models),
    coalesce(given.count_logs, 1),
    coalesce(given.at, now()),
    coalesce(given.at, now()),
    coalesce(given.id, 1),
    coalesce(given.at, now()),
    coalesce(given.source, 'app'),
    '',
    coalesce(given.text, 'something happened'),
    coalesce(given.level, 'ERROR')::log_level,
    coalesce(given.severity, 'high')::log_severity,
    coalesce(given.reasons, 'rare: 1 of 7 logs of app')
from jsonb_to_recordset(%(groups)s::jsonb) as given (
    template_id bigint,
    source text,
    text text,
    level text,
    severity text,
    is_anomaly boolean,
    reasons text,
    count_logs bigint,
    at timestamptz,
    id bigint
);

-- name: alerts
-- All alerts with the name of their rule.
select
    alerts.*,
    alert_rules.name as rule
from ml_alerts as alerts
left join alert_rules using (rule_id)
order by alerts.alert_id;

-- name: left_out
-- What rules found beyond their bound.
select sum(count_alerts_left_out)::bigint as count_left_out from ml_batches;

-- name: add_rule
-- One more rule.
insert into alert_rules (
    name, kind, source, template_id, severity, threshold, channel, quiet_from, quiet_until, time_zone, most_per_hour
)
select
    given.name,
    given.kind,
    given.source,
    given.template_id,
    coalesce(given.severity, 'low')::log_severity,
    given.threshold,
    given.channel,
    given.quiet_from,
    given.quiet_until,
    coalesce(given.time_zone, 'UTC'),
    coalesce(given.most_per_hour, 20)
from jsonb_to_record(%(rule)s::jsonb) as given (
    name text,
    kind text,
    source text,
    template_id bigint,
    severity text,
    threshold double precision,
    channel text,
    quiet_from time,
    quiet_until time,
    time_zone text,
    most_per_hour integer
);

-- name: disable_rules
-- No rule but those that a test adds.
update alert_rules set is_enabled = false;

-- name: change_quiet_hours
-- Quiet from an hour ago to an hour from now, or not at all.
update alert_rules
set
    quiet_from = case when %(is_quiet)s then ((now() - interval '1 hour') at time zone 'UTC')::time end,
    quiet_until = case when %(is_quiet)s then ((now() + interval '1 hour') at time zone 'UTC')::time end;

-- name: quiet
-- Whether a time is quiet.
select is_quiet(%(quiet_from)s::time, %(quiet_until)s::time, %(time_zone)s, %(at)s::timestamptz) as is_quiet;

-- name: messages
-- All messages.
select * from alert_messages
order by message_id;

-- name: deliveries
-- How many alerts became what.
select
    outcome,
    count(*) as count_alerts
from alert_deliveries
group by outcome
order by outcome;

-- name: make_due
-- Time passes.
update alert_messages set next_attempt_at = now() - interval '1 second';

-- name: age_messages
-- A lot of time passes.
update alert_messages
set created_at = created_at - %(hours)s * interval '1 hour', next_attempt_at = now() - interval '1 second';

-- name: revoke_mutes
-- All mutes are taken back.
update ml_mutes set revoked_at = now();

-- name: add_hours
-- A steady stream of one template: a log an hour for so many hours, until so many hours ago.
insert into template_hourly (template_id, hour_at, count_logs, count_anomalies)
select
    %(template_id)s,
    date_trunc('hour', now(), 'UTC') - number * interval '1 hour',
    %(count_logs)s,
    0
from generate_series(%(until)s, %(until)s + %(hours)s - 1) as number;

-- name: add_source_hours
-- The same for its source.
insert into prediction_hourly
select
    date_trunc('hour', now(), 'UTC') - number * interval '1 hour',
    %(source)s,
    '',
    'INFO',
    'low',
    (select max(model_id) from ml_models),
    %(count_logs)s,
    0,
    0,
    0
from generate_series(%(until)s, %(until)s + %(hours)s - 1) as number;

-- name: shown_alerts
-- Alerts that the view shows.
select count(*) as count_alerts from stats_alerts;

-- name: shift_alerts
-- They came earlier.
update ml_alerts set created_at = created_at - %(hours)s * interval '1 hour';

-- name: end_quiet_hours
-- Quiet from three hours ago to one hour ago.
update alert_rules
set
    quiet_from = ((now() - interval '3 hours') at time zone 'UTC')::time,
    quiet_until = ((now() - interval '1 hour') at time zone 'UTC')::time;

-- name: fail_message
-- A message that its channel did not take.
insert into alert_messages (channel, batch_id, count_attempts, last_error)
values ('webhook', 1, 2, %(error)s);

-- name: schedule_due
-- Batches every so many hours, the latest due so many minutes ago.
update ml_schedule
set
    run_every = %(every)s * interval '1 hour',
    run_offset = now() - %(minutes)s * interval '1 minute' - date_bin(
        %(every)s * interval '1 hour', now() - %(minutes)s * interval '1 minute', timestamptz '2000-01-01 00:00:00+00'
    );

-- name: shift_batches
-- They ran earlier.
update ml_batches
set
    started_at = started_at - %(hours)s * interval '1 hour',
    finished_at = finished_at - %(hours)s * interval '1 hour',
    complete_until = complete_until - %(hours)s * interval '1 hour';

-- name: add_hours_to_all
-- The same for every template.
insert into template_hourly (template_id, hour_at, count_logs, count_anomalies)
select
    log_templates.template_id,
    date_trunc('hour', now(), 'UTC') - number * interval '1 hour',
    %(count_logs)s,
    0
from log_templates
cross join generate_series(%(until)s, %(until)s + %(hours)s - 1) as number;
