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

-- name: refresh
-- Show what the end of the batch brought.
select refresh_alerts();

-- name: mute
-- Hear no more of a source, a template, or both, for a while.
insert into ml_mutes (source, template_id, muted_until, reason, created_by)
values (%(source)s, %(template_id)s, now() + %(seconds)s * interval '1 second', %(reason)s, current_user)
returning mute_id, muted_until;
