-- name: told_once
-- The frame of what rules find worth telling, once each and a hundred a rule and batch: the most severe
-- first, then what has most logs, then the latest.
with

matched as (
    select * from framed
),

told_before as (
    select
        rule_id,
        count(*) as count_told
    from ml_alerts
    where batch_id = %(batch_id)s
    group by rule_id
),

-- What was not told yet, and how much of it a rule may tell.
ranked as (
    select
        matched.*,
        coalesce(told_before.count_told, 0) + row_number() over (
            partition by matched.rule_id
            order by
                matched.severity desc,
                matched.count_logs desc,
                matched.first_logged_at desc,
                matched.fingerprint asc
        ) <= 100 as is_told
    from matched
    left join told_before using (rule_id)
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

-- name: would_tell
-- The frame of what a rehearsal finds worth telling, in the same order.
with

matched as (
    select * from framed
),

texts as (
    select
        template_id,
        min(text) as template
    from staged_groups
    group by template_id
)

select
    rules.name as rule,
    matched.severity,
    matched.source,
    texts.template,
    matched.count_logs,
    matched.first_logged_at::text as first_logged_at,
    string_to_array(matched.reasons, E'\n') as reasons
from matched
inner join alert_rules as rules using (rule_id)
inner join texts on matched.template_id = texts.template_id
left join ml_alerts as told using (fingerprint)
where told.fingerprint is null
order by
    matched.severity desc,
    matched.count_logs desc,
    matched.first_logged_at desc,
    matched.fingerprint asc
limit %(most)s;

-- name: surge in alert_rules.told_once
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

-- name: silence in alert_rules.told_once
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

-- name: mute
-- Hear no more of a source, a template, or both, for a while.
insert into ml_mutes (source, template_id, muted_until, reason, created_by)
values (%(source)s, %(template_id)s, now() + %(seconds)s * interval '1 second', %(reason)s, current_user)
returning mute_id, muted_until;
