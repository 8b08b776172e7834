-- name: raw_predictions
-- For every test of totals: the predictions, those that were pruned and copied before, with what the
-- rollups know besides, as a table that goes with the transaction.
create table if not exists pruned_copies (like ml_predictions);
create temporary table raw on commit drop as
with

predictions as (
    select *, true as is_stored
    from ml_predictions
    union all
    select *, false
    from pruned_copies
)

select
    predictions.*,
    date_trunc('hour', predictions.logged_at, 'UTC') as hour_at,
    (predictions.logged_at at time zone 'UTC')::date as day,
    log_templates.source,
    logs.trace_id,
    declared_log_level(coalesce(logs.level, '')) as declared_level
from predictions
left join log_templates using (template_id)
left join log_source as logs
    on predictions.log_entry_id = logs.id and predictions.logged_at = logs.logged_at;

-- name: copy_predictions
-- Before a prune: what it may drop.
create table pruned_copies as select * from ml_predictions;

-- name: keep_pruned_copies
-- After it: what it dropped, and keep the logs out of the window of the next batch.
delete from pruned_copies
using ml_predictions as stored
where stored.log_entry_id = pruned_copies.log_entry_id and stored.logged_at = pruned_copies.logged_at;
update log_entries set ingested_at = logged_at;

-- name: views_recounted
-- Where a view's numbers differ from a recount of the raw predictions: view, row, shown, counted.
with

shown as (
    select 'levels' as view_name, predicted_level::text as row_name,
        concat_ws(' ', count_logs, count_anomalies, count_logs_24h, count_declared, count_agreed,
            round(mean_confidence::numeric, 3)) as numbers
    from stats_levels
    where count_logs > 0
    union all
    select 'severity', severity::text, concat_ws(' ', count_logs, count_anomalies, count_logs_24h)
    from stats_severity
    where count_logs > 0
    union all
    select 'sources', source,
        concat_ws(' ', count_logs, count_anomalies, count_logs_24h, count_anomalies_24h, count_errors,
            count_declared, count_agreed, count_severe, count_templates, first_logged_at, last_logged_at)
    from stats_sources
    union all
    select 'models', model_id::text,
        concat_ws(' ', count_logs, count_anomalies, round(share_agreed, 3), round(mean_confidence::numeric, 3),
            round(mean_score::numeric, 3))
    from stats_models
    where count_logs > 0
    union all
    select 'hourly', hour_at || ' ' || source,
        concat_ws(' ', count_logs, count_anomalies, count_warnings, count_errors, count_severe,
            round(mean_score::numeric, 3))
    from stats_hourly
    union all
    select 'daily', day || ' ' || source,
        concat_ws(' ', count_logs, count_anomalies, count_warnings, count_errors, count_severe, count_declared,
            count_agreed, round(mean_score::numeric, 3))
    from stats_daily
    union all
    select 'model_days', model_id || ' ' || day, concat_ws(' ', count_logs, count_anomalies)
    from stats_model_days
    where count_logs > 0
    union all
    select 'declared_levels', concat_ws(' ', source, declared_level, predicted_level),
        concat_ws(' ', count_logs, count_anomalies, round(mean_confidence::numeric, 3))
    from stats_declared_levels
    union all
    select 'templates', template_id::text,
        concat_ws(' ', source, count_logs, count_anomalies, count_logs_24h, count_anomalies_24h, count_logs_1h,
            first_seen_at, last_seen_at)
    from stats_templates
    union all
    select 'mislabelled', concat_ws(' ', template_id, declared_level, predicted_level), count_logs::text
    from stats_mislabelled
    union all
    select 'new_templates', template_id::text, concat_ws(' ', count_logs, count_anomalies)
    from stats_new_templates
    union all
    select 'rare_templates', template_id::text, concat_ws(' ', count_logs, count_anomalies)
    from stats_rare_templates
    union all
    select 'anomalies', log_entry_id::text,
        concat_ws(' ', logged_at, source, severity, anomaly_score, predicted_level, count_template_logs, batch_id)
    from stats_anomalies
    union all
    select 'overview', 'predictions',
        concat_ws(' ', count_predictions, count_anomalies, count_sources, count_templates, count_predictions_24h,
            count_anomalies_24h, count_new_templates_24h, first_logged_at, last_logged_at, count_stored)
    from stats_overview
    union all
    select 'overview', 'waiting', concat_ws(' ', count_unscored, oldest_unscored_at)
    from stats_overview
),

-- As old as the views are.
clock as (
    select refreshed_at as at
    from stats_overview
),

counted as (
    select 'levels' as view_name, predicted_level::text as row_name,
        concat_ws(' ', count(*), count(*) filter (where is_anomaly),
            count(*) filter (where hour_at > clock.at - interval '24 hours'),
            count(*) filter (where declared_level <> ''),
            count(*) filter (where declared_level = predicted_level::text),
            round(avg(level_confidence)::numeric, 3)) as numbers
    from raw, clock
    group by predicted_level
    union all
    select 'severity', severity::text,
        concat_ws(' ', count(*), count(*) filter (where is_anomaly),
            count(*) filter (where hour_at > clock.at - interval '24 hours'))
    from raw, clock
    group by severity
    union all
    select 'sources', source,
        concat_ws(' ', count(*), count(*) filter (where is_anomaly),
            count(*) filter (where hour_at > clock.at - interval '24 hours'),
            count(*) filter (where hour_at > clock.at - interval '24 hours' and is_anomaly),
            count(*) filter (where predicted_level >= 'ERROR'),
            count(*) filter (where declared_level <> ''),
            count(*) filter (where declared_level = predicted_level::text),
            count(*) filter (where severity >= 'high'),
            count(distinct template_id), min(logged_at), max(logged_at))
    from raw, clock
    group by source
    union all
    select 'models', model_id::text,
        concat_ws(' ', count(*), count(*) filter (where is_anomaly),
            round(count(*) filter (where declared_level = predicted_level::text)::numeric
                / nullif(count(*) filter (where declared_level <> ''), 0), 3),
            round(avg(level_confidence)::numeric, 3), round(avg(anomaly_score)::numeric, 3))
    from raw
    group by model_id
    union all
    select 'hourly', hour_at || ' ' || source,
        concat_ws(' ', count(*), count(*) filter (where is_anomaly),
            count(*) filter (where predicted_level = 'WARN'), count(*) filter (where predicted_level >= 'ERROR'),
            count(*) filter (where severity >= 'high'), round(avg(anomaly_score)::numeric, 3))
    from raw, clock
    where hour_at > clock.at - interval '14 days'
    group by hour_at, source
    union all
    select 'daily', day || ' ' || source,
        concat_ws(' ', count(*), count(*) filter (where is_anomaly),
            count(*) filter (where predicted_level = 'WARN'), count(*) filter (where predicted_level >= 'ERROR'),
            count(*) filter (where severity >= 'high'), count(*) filter (where declared_level <> ''),
            count(*) filter (where declared_level = predicted_level::text), round(avg(anomaly_score)::numeric, 3))
    from raw, clock
    where day > (clock.at at time zone 'UTC')::date - 90
    group by day, source
    union all
    select 'model_days', model_id || ' ' || day, concat_ws(' ', count(*), count(*) filter (where is_anomaly))
    from raw, clock
    where day > (clock.at at time zone 'UTC')::date - 90
    group by model_id, day
    union all
    select 'declared_levels', concat_ws(' ', source, declared_level, predicted_level),
        concat_ws(' ', count(*), count(*) filter (where is_anomaly), round(avg(level_confidence)::numeric, 3))
    from raw
    group by source, declared_level, predicted_level
    union all
    select 'templates', template_id::text,
        concat_ws(' ', source, count(*), count(*) filter (where is_anomaly),
            count(*) filter (where hour_at > clock.at - interval '24 hours'),
            count(*) filter (where hour_at > clock.at - interval '24 hours' and is_anomaly),
            count(*) filter (where hour_at > clock.at - interval '1 hour'),
            min(logged_at), max(logged_at))
    from raw, clock
    group by template_id, source
    union all
    select 'mislabelled', concat_ws(' ', template_id, declared_level, predicted_level), count(*)::text
    from raw
    where declared_level <> '' and declared_level <> predicted_level::text
    group by template_id, declared_level, predicted_level
    having avg(level_confidence) >= 0.6
    union all
    select 'new_templates', template_id::text, concat_ws(' ', count(*), count(*) filter (where is_anomaly))
    from raw, clock
    group by template_id, clock.at
    having min(logged_at) > clock.at - interval '24 hours'
    union all
    select 'rare_templates', template_id::text, concat_ws(' ', count(*), count(*) filter (where is_anomaly))
    from raw, clock
    group by template_id, clock.at
    having max(logged_at) > clock.at - interval '24 hours'
    union all
    (
        select 'anomalies', log_entry_id::text,
            concat_ws(' ', logged_at, source, severity, anomaly_score, predicted_level,
                (select count(*) from raw as others where others.template_id = raw.template_id), batch_id)
        from raw
        where is_anomaly and is_stored
        order by logged_at desc, log_entry_id desc
        limit 1000
    )
    union all
    select 'overview', 'predictions',
        concat_ws(' ',
            count(raw.log_entry_id) filter (where is_stored)
            + (select coalesce(sum(count_rows), 0) from ml_pruned where relation = 'ml_predictions'),
            count(*) filter (where is_anomaly), count(distinct source), count(distinct template_id),
            count(*) filter (where hour_at > clock.at - interval '24 hours'),
            count(*) filter (where hour_at > clock.at - interval '24 hours' and is_anomaly),
            (select count(*) from (
                select from raw group by template_id having min(logged_at) > clock.at - interval '24 hours'
            ) as new),
            min(logged_at), max(logged_at), count(raw.log_entry_id) filter (where is_stored))
    from clock
    left join raw on true
    group by clock.at
    union all
    select 'overview', 'waiting', concat_ws(' ', count(*), min(ingested_at))
    from log_source as logs
    where not exists (
        select from raw as scored
        where scored.log_entry_id = logs.id and scored.logged_at = logs.logged_at
    )
)

select
    coalesce(shown.view_name, counted.view_name) as view_name,
    coalesce(shown.row_name, counted.row_name) as row_name,
    shown.numbers as was_shown,
    counted.numbers as was_counted
from shown
full join counted on shown.view_name = counted.view_name and shown.row_name = counted.row_name
where shown.numbers is distinct from counted.numbers
order by 1, 2
limit 20;

-- name: wrong_examples
-- Templates whose example is no log, or a log of another source or time.
select stored.text
from log_templates as stored
left join log_source as logs
    on stored.example_log_entry_id = logs.id and stored.example_logged_at = logs.logged_at
where logs.source is distinct from stored.source;

-- name: parts
-- Sums that have to be equal, view by view.
select
    (select count_predictions from stats_overview) as overview,
    (select coalesce(sum(count_logs), 0) from stats_levels)::bigint as levels,
    (select coalesce(sum(count_logs), 0) from stats_severity)::bigint as severity,
    (select coalesce(sum(count_logs), 0) from stats_sources)::bigint as sources,
    (select coalesce(sum(count_logs), 0) from stats_models)::bigint as models,
    (select coalesce(sum(count_logs), 0) from stats_declared_levels)::bigint as declared_levels,
    (select coalesce(sum(count_logs), 0) from stats_templates)::bigint + forgotten.count_logs as templates,
    (select coalesce(sum(count_logs), 0) from template_levels)::bigint + forgotten.count_logs as template_levels
from (
    select coalesce(sum(count_rows), 0)::bigint as count_logs
    from ml_pruned
    where relation = 'log_templates'
) as forgotten;

-- name: anomalous_parts
-- The same of anomalies.
select
    (select count_anomalies from stats_overview) as overview,
    (select coalesce(sum(count_anomalies), 0) from stats_levels)::bigint as levels,
    (select coalesce(sum(count_anomalies), 0) from stats_severity)::bigint as severity,
    (select coalesce(sum(count_anomalies), 0) from stats_sources)::bigint as sources,
    (select coalesce(sum(count_anomalies), 0) from stats_models)::bigint as models,
    (select coalesce(sum(count_anomalies), 0) from stats_declared_levels)::bigint as declared_levels,
    (select coalesce(sum(count_anomalies), 0) from stats_templates)::bigint as templates;

-- name: recent_parts
-- Sums of the last 24 hours, and of the last days by hour and by day.
select
    (select count_predictions_24h from stats_overview) as overview,
    (select coalesce(sum(count_logs_24h), 0) from stats_levels)::bigint as levels,
    (select coalesce(sum(count_logs_24h), 0) from stats_severity)::bigint as severity,
    (select coalesce(sum(count_logs_24h), 0) from stats_sources)::bigint as sources,
    (select coalesce(sum(count_logs_24h), 0) from stats_templates)::bigint as templates,
    (
        select coalesce(sum(hours.count_logs), 0)
        from stats_hourly as hours, stats_overview as overview
        where hours.hour_at > overview.refreshed_at - interval '24 hours'
    )::bigint as hourly;

-- name: unscore
-- Take back the predictions of some logs, by a share of their ids and by time.
delete from ml_predictions
where
    mod(log_entry_id, %(every)s) = 0
    and logged_at >= now() - %(from)s::interval
    and logged_at < now() - %(until)s::interval;

-- name: count_stored
-- Predictions that the overview says are stored.
select count_stored from stats_overview;

-- name: delete_logs
-- The user forgets some logs.
delete from log_entries
where mod(id, 5) = 0;

-- name: forget_all_predictions
-- The short way to begin anew.
truncate ml_predictions;

-- name: rollup_rows
-- Rows of everything that is derived.
select
    (select count(*) from prediction_hourly) as prediction_hourly,
    (select count(*) from prediction_daily) as prediction_daily,
    (select count(*) from prediction_totals) as prediction_totals,
    (select count(*) from template_hourly) as template_hourly,
    (select count(*) from template_levels) as template_levels,
    (select count(*) from log_templates) as log_templates;

-- name: repeat_chances
-- What random() gives from now on in this session.
select setseed(%(seed)s) as is_set;

-- name: made_over_days
-- Logs of some patterns over `days` days.
insert into log_entries (logged_at, source, level, message)
select
    now() - random() * %(days)s * interval '1 day' as logged_at,
    (array['shop', 'payments', 'nginx'])[1 + number %% 3] as source,
    (array[null, 'warning', 'ERROR', 'notice', ' [crit] ', 'unheard of'])[1 + floor(random() * 6)::integer] as level,
    (array[
        'request took %% ms', 'connection to db-%% refused', 'cannot allocate memory: %% bytes',
        'GET /items/%% HTTP/1.1 500', 'order %% paid', 'disk %% failed: I/O error', 'retry %% of upstream'
    ])[1 + floor(random() ^ 3 * 7)::integer] as message
from generate_series(1, %(count)s) as number;

-- name: declared_by_sql
-- What the database takes a declared level for.
select declared_log_level(%(level)s) as level;

-- name: alert_long_ago
-- Alerts of so many days ago in one message, each with its delivery.
with

message as (
    insert into alert_messages (channel, batch_id, created_at)
    values ('mail', 1, now() - %(days)s * interval '1 day')
    returning message_id
),

alerts as (
    insert into ml_alerts (fingerprint, batch_id, severity, source, template_id, count_logs, first_logged_at, reasons, created_at)
    select
        template_id || ' ' || %(days)s, 1, 'high', source, template_id, 1, now(), 'because',
        now() - %(days)s * interval '1 day'
    from log_templates
    order by template_id
    limit 2
    returning alert_id
)

insert into alert_deliveries (alert_id, channel, outcome, message_id)
select alert_id, 'mail', 'told', message_id
from alerts, message;

-- name: count_alerts
-- Alerts, deliveries and messages.
select
    (select count(*) from ml_alerts) as alerts,
    (select count(*) from alert_deliveries) as deliveries,
    (select count(*) from alert_messages) as messages;

-- name: made_long_ago
-- A log each of six patterns, so many days ago.
insert into log_entries (logged_at, source, message)
select
    now() - %(days)s * interval '1 day',
    'retired',
    (array['began', 'read', 'wrote', 'waited', 'retried', 'ended'])[number] || ' the old way'
from generate_series(1, 6) as number;

-- name: refer_to_templates
-- A verdict, a mute and a rule, of a retired template each; and a verdict that was taken back.
with

numbered as (
    select template_id, row_number() over (order by template_id) as number
    from log_templates
    where source = 'retired'
),

verdicts as (
    insert into ml_feedback (template_id, verdict, created_by, revoked_at)
    select template_id, 'confirmed', 'me', case number when 4 then now() end
    from numbered
    where number in (1, 4)
),

mutes as (
    insert into ml_mutes (template_id, muted_until, created_by)
    select template_id, now() + interval '1 day', 'me'
    from numbered
    where number = 2
)

insert into alert_rules (name, kind, template_id)
select 'mine', 'occurrence', template_id
from numbered
where number = 3;

-- name: count_templates
-- Templates.
select count(*) as count_templates from log_templates;

-- name: made_by_wrong_clocks
-- Three logs of a pattern, of 1970.
insert into log_entries (logged_at, source, message)
select
    timestamptz '1970-01-01 00:00:00Z' + number * interval '1 second' as logged_at,
    'clockless' as source,
    'booted kernel ' || number as message
from generate_series(1, 3) as number;

-- name: traces_since
-- How long ago the last log of the oldest trace was, in days.
select floor(extract(epoch from now() - min(last_logged_at)) / 86400)::integer as days
from traces;

-- name: ran_long_ago
-- Runs before all others, so many days ago: the first never ended, the second's traces wait.
insert into ml_batches (batch_id, status, model_id, started_at, finished_at, complete_until, is_traced)
select
    -number,
    case when number = %(count)s then 'running' else 'done' end,
    (select min(model_id) from ml_models),
    now() - %(days)s * interval '1 day' - number * interval '1 second',
    case when number < %(count)s then now() - %(days)s * interval '1 day' end,
    now() - %(days)s * interval '1 day',
    number < %(count)s - 1
from generate_series(1, %(count)s) as number;

-- name: told_by_batches
-- What is read from the latest runs.
select
    scored_horizon() as horizon,
    (select last_batch_id from freshness) as last_batch_id,
    (
        select md5(string_agg(latest.batch_id || latest.status, ' ' order by latest.batch_id))
        from (select * from ml_batches order by batch_id desc limit 1000) as latest
    ) as latest;

-- name: count_batches
-- Runs.
select count(*) as count_batches from ml_batches;

-- name: compared_long_ago
-- A model of some role, and what it said of a log of each of so many days ago.
with

model as (
    insert into ml_models (version, role, manifest)
    values (%(role)s, %(role)s, '{}')
    returning model_id
)

insert into shadow_daily
select
    model.model_id,
    (select min(ml_models.model_id) from ml_models),
    (now() at time zone 'UTC')::date - days,
    'INFO', 'INFO', 'INFO', false, false, false, 1, 1, 0.9
from model, unnest(%(days)s) as days;

-- name: compared_days
-- Comparisons by the role of the model that was compared, and how many days ago.
select
    role,
    (now() at time zone 'UTC')::date - day as days
from shadow_daily
inner join ml_models using (model_id)
order by role, days;
