-- name: made_to_stand_out
-- What surging, vanished and unexpected logs look like: a burst in this hour and the last, a pattern of
-- every hour that stopped, and eight quiet days before a loud hour of a source.
insert into log_entries (logged_at, source, level, message, trace_id)
select
    now() - random() * interval '30 minutes',
    'shop',
    'error',
    'circuit breaker opened after ' || number || ' failures',
    null
from generate_series(1, 60) as number
union all
select
    now() - number * interval '1 hour' - interval '30 hours',
    'backup',
    'info',
    'backup of volume ' || number || ' finished',
    'nightly'
from generate_series(1, 40) as number
union all
select
    date_trunc('hour', now(), 'UTC') - number * interval '1 hour' + random() * interval '59 minutes',
    'mail',
    null,
    'delivered message ' || number || ' to relay',
    'mail-' || number %% 30
from generate_series(1, 200) as number
union all
select
    date_trunc('hour', now(), 'UTC') - interval '2 hours' + random() * interval '59 minutes',
    'mail',
    null,
    'bounced message ' || number,
    'mail-' || number %% 30
from generate_series(1, 90) as number;

-- name: derived_recounted
-- Where views that compare hours, or show rows as they are, differ from the raw predictions.
with

clock as (
    select refreshed_at as at from stats_overview
),

hour as (
    select date_trunc('hour', at, 'UTC') as began_at from clock
),

-- As source_hours() gives them: from the first hour of a source on, hours without logs included.
spans as (
    select source, min(hour_at) as first_at
    from raw, clock, hour
    where hour_at > clock.at - interval '14 days' and hour_at < hour.began_at
    group by source
),

hours as (
    select
        spans.source, series.hour_at, extract(hour from series.hour_at at time zone 'UTC') as hour_of_day,
        count(raw.log_entry_id) as count_logs, count(*) filter (where raw.is_anomaly) as count_anomalies
    from spans
    cross join hour
    cross join generate_series(spans.first_at, hour.began_at - interval '1 hour', interval '1 hour') as series (hour_at)
    left join raw on spans.source = raw.source and series.hour_at = raw.hour_at
    group by 1, 2
),

usual as (
    select
        source, hour_of_day, avg(count_logs) as logs, avg(count_anomalies) as anomalies,
        3 * greatest(stddev_samp(count_logs), sqrt(avg(count_logs)), 1) as margin_logs,
        3 * greatest(stddev_samp(count_anomalies), sqrt(avg(count_anomalies)), 1) as margin_anomalies
    from hours, hour
    where hours.hour_at < hour.began_at - interval '24 hours'
    group by source, hour_of_day
    having count(*) >= 3
),

recent as (
    select
        template_id,
        count(*) filter (where hour_at >= hour.began_at - interval '1 hour') as count_recent,
        count(*) filter (where hour_at < hour.began_at - interval '1 hour') / 24.0
        * (extract(epoch from clock.at - hour.began_at) / 3600 + 1) as expected
    from raw, clock, hour
    where hour_at >= hour.began_at - interval '25 hours'
    group by template_id, clock.at, hour.began_at
),

seen as (
    select
        template_id, count(*) as count_logs, max(logged_at) as last_at,
        greatest(min(logged_at), max(logged_at) - interval '7 days') as counted_from
    from raw
    group by template_id
),

steady as (
    select
        seen.*, count(distinct raw.hour_at) as count_hours, count(*) as count_logs_7d,
        extract(epoch from seen.last_at - seen.counted_from) / 3600 / count(distinct raw.hour_at) as gap,
        extract(epoch from clock.at - seen.last_at) / 3600 as silent
    from clock, seen
    inner join raw on seen.template_id = raw.template_id and seen.counted_from <= raw.hour_at
    where seen.last_at between clock.at - interval '7 days' and clock.at - interval '3 hours' and seen.count_logs >= 12
    group by clock.at, seen.template_id, seen.count_logs, seen.last_at, seen.counted_from
),

shown as (
    select 'forecast' as view_name, source as row_name,
        concat_ws(' ', round(sum(expected_logs * count_days)), round(sum(expected_anomalies * count_days)),
            sum(count_days)) as numbers
    from stats_forecast
    group by source
    union all
    select 'outside_forecast', source || ' ' || hour_at,
        concat_ws(' ', count_logs, count_anomalies, round(expected_logs::numeric, 6),
            round(expected_anomalies::numeric, 6), is_volume_outside, is_anomalies_outside)
    from stats_outside_forecast
    union all
    select 'surging_templates', template_id::text,
        concat_ws(' ', count_recent, round(expected_logs::numeric, 6), count_logs)
    from stats_surging_templates
    union all
    select 'vanished_templates', template_id::text,
        concat_ws(' ', count_logs_7d, count_logs, round(usual_gap_hours::numeric, 6), round(silent_hours::numeric, 6))
    from stats_vanished_templates
    union all
    select 'traces', trace_id, concat_ws(' ', count_logs, sources)
    from stats_traces
    union all
    select 'template_hours', template_id || ' ' || hour_at, concat_ws(' ', count_logs, count_anomalies)
    from template_hours
    union all
    select 'scored_logs', concat_ws(' ', source, declared_log_level(coalesce(declared_level, '')), predicted_level, severity),
        concat_ws(' ', count(*), count(*) filter (where is_anomaly), sum(log_entry_id), sum(anomaly_score::numeric))
    from scored_logs
    group by 2
),

counted as (
    select 'forecast' as view_name, source as row_name,
        concat_ws(' ', sum(count_logs), sum(count_anomalies), count(*)) as numbers
    from hours
    group by source
    union all
    select 'outside_forecast', source || ' ' || hour_at,
        concat_ws(' ', count_logs, count_anomalies, round(logs, 6), round(anomalies, 6),
            abs(count_logs - logs) > margin_logs, count_anomalies > anomalies + margin_anomalies)
    from hour, hours
    inner join usual using (source, hour_of_day)
    where
        hour_at >= began_at - interval '24 hours'
        and (abs(count_logs - logs) > margin_logs or count_anomalies > anomalies + margin_anomalies)
    union all
    select 'surging_templates', template_id::text, concat_ws(' ', count_recent, round(expected, 6), seen.count_logs)
    from recent
    inner join seen using (template_id)
    where count_recent > 10 and count_recent > 3 * expected and count_recent > expected + 3 * sqrt(expected)
    union all
    select 'vanished_templates', template_id::text,
        concat_ws(' ', count_logs_7d, count_logs, round(gap, 6), round(silent, 6))
    from steady
    where count_hours >= 12 and silent > 3 + 5 * gap
    union all
    select 'traces', trace_id, concat_ws(' ', count(*), string_agg(distinct source, e'\n' order by source))
    from raw
    where trace_id is not null
    group by trace_id
    union all
    select 'template_hours', template_id || ' ' || hour_at,
        concat_ws(' ', count(*), count(*) filter (where is_anomaly))
    from raw
    group by template_id, hour_at
    union all
    select 'scored_logs', concat_ws(' ', source, declared_level, predicted_level, severity),
        concat_ws(' ', count(*), count(*) filter (where is_anomaly), sum(log_entry_id), sum(anomaly_score::numeric))
    from raw
    where is_stored
    group by 2
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

-- name: count_standing_out
-- So that a recount of them is one of something.
select
    (select count(*) from stats_surging_templates) as surging,
    (select count(*) from stats_vanished_templates) as vanished,
    (select count(*) from stats_outside_forecast) as outside,
    (select count(*) from stats_forecast) as forecast,
    (select count(*) from stats_traces) as traces;

-- name: judged_at_random
-- Verdicts and mutes, some taken back, some over; a decision with two checks, and one without.
with

decisions as (
    insert into ml_decisions (kind, model_id, champion_id)
    select kind, model_id, model_id
    from ml_models, unnest(array['refused', 'rolled_back']) as kinds (kind)
    returning decision_id, kind
),

checks as (
    insert into ml_decision_checks (decision_id, place, name, is_passed, reason)
    select decision_id, place, 'a check', true, 'because'
    from decisions, generate_series(1, 2) as place
    where kind = 'refused'
),

verdicts as (
    insert into ml_feedback (log_entry_id, logged_at, template_id, verdict, created_by, revoked_at)
    select
        log_entry_id, logged_at, template_id,
        case when random() < 0.4 then 'confirmed' else 'false_alarm' end,
        'me',
        case when random() < 0.3 then now() end
    from ml_predictions
    where random() < 0.1
)

insert into ml_mutes (source, template_id, muted_until, created_by, revoked_at)
select
    case when random() < 0.5 then source end,
    template_id,
    now() + (random() - 0.3) * interval '1 day',
    'me',
    case when random() < 0.3 then now() end
from log_templates;

-- name: acts_recounted
-- Where views of batches, alerts, verdicts and mutes differ from what batches and people did. Numbers
-- of a batch are held against its predictions, so before any of them is deleted.
with

clock as (
    select refreshed_at as at from stats_overview
),

bins as (
    select
        raw.batch_id, bin,
        (count(*) filter (where least(floor(raw.anomaly_score * 10)::integer, 9) = bin) + 0.5) / (count(*) + 5.0)
            as share_now,
        ((ml_models.manifest -> 'score_histogram' ->> bin)::numeric + 0.5)
        / ((ml_models.manifest ->> 'count_training_logs')::numeric + 5.0) as share_trained
    from raw
    inner join ml_models using (model_id)
    cross join generate_series(0, 9) as bin
    group by raw.batch_id, bin, ml_models.manifest
),

shown as (
    select 'batches' as view_name, batch_id::text as row_name,
        concat_ws(' ', count_logs, count_anomalies, count_alerts_left_out) as numbers
    from stats_batches
    union all
    select 'drift', batch_id::text, concat_ws(' ', count_logs, round(score_psi::numeric, 6))
    from stats_drift
    union all
    select 'batch_steps', batch_id::text, round(sum(seconds)::numeric, 6)::text
    from stats_batch_steps
    group by batch_id
    union all
    select 'schedule', 'all', concat_ws(' ', sum(count_batches), count(batch_id))
    from stats_schedule
    union all
    select 'alerts', 'all', concat_ws(' ', count(*), sum(count_logs), count(distinct fingerprint_of.fingerprint))
    from stats_alerts
    inner join ml_alerts as fingerprint_of using (alert_id, count_logs, severity, source)
    union all
    select 'feedback', template_id::text, concat_ws(' ', count_confirmed, count_false_alarms, muted_until)
    from stats_feedback
    union all
    select 'verdicts', 'all', concat_ws(' ', count(*), sum(feedback_id), count(source))
    from verdicts
    union all
    select 'mutes', 'all', concat_ws(' ', count(*), sum(mute_id), count(source))
    from mutes
    union all
    select 'model_days', 'all', concat_ws(' ', sum(count_confirmed), sum(count_false_alarms))
    from stats_model_days
    union all
    select 'decisions', kind, concat_ws(' ', count(*), sum(place), count(version))
    from decisions
    group by kind
    union all
    select 'freshness', 'all', concat_ws(' ', last_batch_id, oldest_unscored_at)
    from freshness
),

held as (
    select template_id, verdict from ml_feedback
    where revoked_at is null
),

muting as (
    select * from ml_mutes
    where revoked_at is null and muted_until > now()
),

counted as (
    select 'batches' as view_name, batch_id::text as row_name,
        concat_ws(' ', count(raw.log_entry_id), count(*) filter (where is_anomaly), count_alerts_left_out) as numbers
    from ml_batches
    left join raw using (batch_id)
    group by batch_id
    union all
    select 'drift', batch_id::text,
        concat_ws(' ', (select count(*) from raw where raw.batch_id = bins.batch_id),
            round(sum((share_now - share_trained) * ln(share_now / share_trained)), 6))
    from bins
    group by batch_id
    union all
    select 'batch_steps', batch_id::text, round(sum(value::numeric), 6)::text
    from ml_batches, jsonb_each_text(step_seconds)
    group by batch_id
    union all
    select 'schedule', 'all', concat_ws(' ', count(*), least(count(*), 1))
    from ml_batches
    union all
    select 'alerts', 'all', concat_ws(' ', count(*), sum(count_logs), count(*))
    from ml_alerts
    union all
    select 'feedback', template_id::text,
        concat_ws(' ', (select count(*) from held where held.template_id = ids.template_id and verdict = 'confirmed'),
            (select count(*) from held where held.template_id = ids.template_id and verdict = 'false_alarm'),
            (select max(muted_until) from muting where muting.template_id = ids.template_id and muted_until > clock.at))
    from clock, (select template_id from held union select template_id from muting) as ids
    union all
    select 'verdicts', 'all', concat_ws(' ', count(*), sum(feedback_id), count(*))
    from ml_feedback
    where revoked_at is null
    union all
    select 'mutes', 'all', concat_ws(' ', count(*), sum(mute_id), count(*))
    from muting
    union all
    select 'model_days', 'all',
        concat_ws(' ', count(*) filter (where verdict = 'confirmed'), count(*) filter (where verdict = 'false_alarm'))
    from ml_feedback
    where revoked_at is null and is_anomaly
    union all
    select kind_of.name, kind_of.kind, kind_of.numbers
    from (values ('decisions', 'refused', '2 3 2'), ('decisions', 'rolled_back', '1 1')) as kind_of (name, kind, numbers)
    union all
    select 'freshness', 'all', concat_ws(' ', (select max(batch_id) from ml_batches where status = 'done'), (
        select min(ingested_at)
        from log_source as logs
        where not exists (
            select from ml_predictions as scored
            where scored.log_entry_id = logs.id and scored.logged_at = logs.logged_at
        )
    ))
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

-- name: served_views
-- Views that are installed.
select split_part(name, '/', 2) as name
from logkiln_migrations
where name like 'views/%%'
order by name;
