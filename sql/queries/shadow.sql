-- name: champion
-- The model that scores for real; none before the first batch.
select
    ml_models.model_id,
    ml_models.version
from ml_models
where ml_models.role = 'champion';

-- name: retire_other_challengers
-- One challenger at a time.
update ml_models
set role = 'retired', retired_at = now()
where role = 'challenger' and version <> %(version)s;

-- name: register_challenger
-- A model that is compared; the champion itself stays champion.
insert into ml_models (version, role, manifest)
values (%(version)s, 'challenger', %(manifest)s::jsonb)
on conflict (version) do update set
    role = 'challenger', retired_at = null
where ml_models.role = 'retired';

-- name: since
-- From when on neither model was fitted on what arrived: a model cannot have seen logs that arrived
-- after its training ended or, where it does not say when that was, after it was made.
select
    greatest(
        %(since)s::timestamptz,
        max(coalesce(manifest ->> 'trained_until', manifest ->> 'created_at')::timestamptz)
    )::text as since
from ml_models
where model_id = %(model_id)s or model_id = %(champion_id)s;

-- name: known_templates
-- What this challenger scored so far, with what its logs have as their past: a run that goes on, or
-- has forgotten, knows it. What has no past began with what was scored.
with

scored as (
    select
        template_id,
        min(logged_at) as first_at,
        count(*) as count_logs
    from shadow_predictions
    where model_id = %(model_id)s
    group by template_id
),

earlier as (
    select
        template_id,
        sum(template_hourly.count_logs) as count_logs
    from scored
    inner join template_hourly using (template_id)
    where template_hourly.hour_at < %(before)s::timestamptz
    group by template_id
)

select
    log_templates.source,
    log_templates.text,
    extract(
        epoch from least(
            greatest(
                case when earlier.count_logs is null then scored.first_at else log_templates.first_seen_at end,
                '1900-01-01'
            ),
            '2200-01-01'
        )
    )::double precision as first_seen_epoch,
    (scored.count_logs + coalesce(earlier.count_logs, 0))::bigint as count_logs
from scored
inner join log_templates using (template_id)
left join earlier using (template_id);

-- name: known_sources
-- The same of sources; wrong clocks do not tell when one began.
with

scored as (
    select
        log_templates.source,
        min(shadow_predictions.logged_at) filter (
            where
            shadow_predictions.logged_at >= '1990-01-01 00:00:00+00'
            and shadow_predictions.logged_at < '2100-01-01 00:00:00+00'
        ) as first_at,
        count(*) as count_logs
    from shadow_predictions
    inner join log_templates using (template_id)
    where shadow_predictions.model_id = %(model_id)s
    group by log_templates.source
),

earlier as (
    select
        source,
        sum(prediction_hourly.count_logs) as count_logs
    from scored
    inner join prediction_hourly using (source)
    where prediction_hourly.hour_at < %(before)s::timestamptz
    group by source
)

select
    scored.source,
    extract(
        epoch from case
            when earlier.count_logs is null then scored.first_at
            else (
                select min(log_templates.first_seen_at)
                from log_templates
                where
                    log_templates.source = scored.source
                    and log_templates.first_seen_at >= '1990-01-01 00:00:00+00'
                    and log_templates.first_seen_at < '2100-01-01 00:00:00+00'
            )
        end
    )::double precision as first_seen_epoch,
    (scored.count_logs + coalesce(earlier.count_logs, 0))::bigint as count_logs
from scored
left join earlier using (source);

-- name: latest_batch
-- Up to which batch the champion had come.
select coalesce(max(batch_id), 0) as batch_id
from ml_batches;

-- name: logs
-- Logs of the window that the champion scored and the challenger did not, in the columns that a batch
-- reads.
copy (
    select
        logs.id,
        logs.logged_at,
        logs.source,
        logs.level,
        case when octet_length(logs.message) > 16000 then left(logs.message, 4000) else logs.message end as message
    from log_source as logs
    inner join ml_predictions as scored
        on
            logs.id = scored.log_entry_id
            and logs.logged_at = scored.logged_at
            and scored.logged_at between %(first_logged_at)s::timestamptz and %(last_logged_at)s::timestamptz
    where
        logs.ingested_at >= %(since)s::timestamptz
        and scored.model_id = %(champion_id)s
        and not exists (
            select from shadow_predictions as shadowed
            where
                shadowed.log_entry_id = logs.id
                and shadowed.logged_at = logs.logged_at
                and shadowed.model_id = %(model_id)s
                and shadowed.logged_at between %(first_logged_at)s::timestamptz and %(last_logged_at)s::timestamptz
        )
    order by logs.id
) to stdout with binary;

-- name: copy_predictions
-- The one way in which predictions in the shadow come in.
copy shadow_predictions (
    log_entry_id,
    logged_at,
    template_id,
    level_confidence,
    anomaly_score,
    batch_id,
    model_id,
    is_anomaly,
    predicted_level,
    severity,
    reasons
) from stdin with binary;

-- name: compare
-- Count a chunk (staged_logs) into the comparison with what the champion said of the same logs.
with

verdicts as (
    select distinct template_id
    from ml_feedback
    where revoked_at is null
),

compared as (
    select
        (staged_logs.logged_at at time zone 'UTC')::date as day,
        challenger.template_id,
        -- An infinite time cannot be divided.
        case
            when isfinite(staged_logs.logged_at) then floor(extract(epoch from staged_logs.logged_at) / 60)
        end as minute,
        declared_log_level(coalesce(logs.level, '')) as declared_level,
        challenger.predicted_level,
        champion.model_id as champion_id,
        champion.predicted_level as champion_level,
        challenger.is_anomaly,
        champion.is_anomaly as is_champion_anomaly,
        verdicts.template_id is not null as is_judged,
        least(floor(challenger.anomaly_score * 10), 9)::smallint as score_bin,
        challenger.level_confidence::double precision as level_confidence
    from staged_logs
    inner join shadow_predictions as challenger
        on
            staged_logs.log_entry_id = challenger.log_entry_id
            and staged_logs.logged_at = challenger.logged_at
            and challenger.model_id = %(model_id)s
    inner join ml_predictions as champion
        on
            staged_logs.log_entry_id = champion.log_entry_id
            and staged_logs.logged_at = champion.logged_at
    inner join log_source as logs on staged_logs.log_entry_id = logs.id and staged_logs.logged_at = logs.logged_at
    left join verdicts on champion.template_id = verdicts.template_id
)

insert into shadow_daily as stored (
    model_id,
    champion_id,
    day,
    declared_level,
    predicted_level,
    champion_level,
    is_anomaly,
    is_champion_anomaly,
    is_judged,
    score_bin,
    count_logs,
    count_groups,
    sum_confidence
)
select
    %(model_id)s,
    champion_id,
    day,
    declared_level,
    predicted_level,
    champion_level,
    is_anomaly,
    is_champion_anomaly,
    is_judged,
    score_bin,
    count(*),
    count(distinct row(template_id, minute)),
    sum(level_confidence)
from compared
group by
    champion_id,
    day,
    declared_level,
    predicted_level,
    champion_level,
    is_anomaly,
    is_champion_anomaly,
    is_judged,
    score_bin
on conflict (
    model_id, champion_id, day, declared_level, predicted_level, champion_level,
    is_anomaly, is_champion_anomaly, is_judged, score_bin
) do update set
    count_logs = stored.count_logs + excluded.count_logs,
    count_groups = stored.count_groups + excluded.count_groups,
    sum_confidence = stored.sum_confidence + excluded.sum_confidence;

-- name: judge
-- What the challenger says of logs of a chunk whose templates people judged.
insert into shadow_feedback as stored (feedback_id, model_id, is_anomaly)
select
    ml_feedback.feedback_id,
    challenger.model_id,
    bool_or(challenger.is_anomaly)
from staged_logs
inner join shadow_predictions as challenger
    on
        staged_logs.log_entry_id = challenger.log_entry_id
        and staged_logs.logged_at = challenger.logged_at
        and challenger.model_id = %(model_id)s
inner join ml_feedback using (template_id)
where ml_feedback.revoked_at is null
group by ml_feedback.feedback_id, challenger.model_id
on conflict (feedback_id, model_id) do update set is_anomaly = stored.is_anomaly or excluded.is_anomaly;

-- name: figures
-- How a challenger compares with a champion; no row without logs that both scored.
select *
from shadow_figures()
where model_id = %(model_id)s and champion_id = %(champion_id)s;
