-- name: levels
-- Declared level, and what each of the two predicted.
select
    declared_level,
    predicted_level::text as predicted_level,
    champion_level::text as champion_level,
    sum(count_logs)::bigint as count_logs
from shadow_daily
where model_id = %(model_id)s and champion_id = %(champion_id)s and declared_level <> ''
group by declared_level, predicted_level, champion_level;

-- name: confidence
-- How sure each was of its levels and how often rightly, in ten bins.
with

said as (
    select
        logs.level as declared_level,
        challenger.predicted_level,
        challenger.level_confidence,
        champion.predicted_level as champion_level,
        champion.level_confidence as champion_confidence
    from shadow_predictions as challenger
    inner join ml_predictions as champion
        on
            challenger.log_entry_id = champion.log_entry_id
            and challenger.logged_at = champion.logged_at
            and champion.model_id = %(champion_id)s
    inner join log_source as logs on challenger.log_entry_id = logs.id and challenger.logged_at = logs.logged_at
    where challenger.model_id = %(model_id)s and declared_log_level(coalesce(logs.level, '')) <> ''
),

each_model as (
    select
        'challenger' as model,
        level_confidence as confidence,
        predicted_level::text = declared_log_level(declared_level) as is_right
    from said
    union all
    select
        'champion' as model,
        champion_confidence as confidence,
        champion_level::text = declared_log_level(declared_level) as is_right
    from said
)

select
    model,
    avg(confidence) as mean_confidence,
    avg(is_right::int)::double precision as share_right,
    count(*) as count_logs
from each_model
group by model, least(floor(confidence * 10), 9)
order by model, mean_confidence;

-- name: verdicts
-- The challenger's highest score of each judged template, and what people said of it.
select
    max(challenger.anomaly_score)::double precision as anomaly_score,
    ml_feedback.verdict = 'confirmed' as is_confirmed
from ml_feedback
inner join shadow_predictions as challenger using (template_id)
where challenger.model_id = %(model_id)s and ml_feedback.revoked_at is null
group by ml_feedback.feedback_id, ml_feedback.verdict;

-- name: scores
-- Logs by tenth of the challenger's anomaly score.
select
    score_bin,
    sum(count_logs)::bigint as count_logs
from shadow_daily
where model_id = %(model_id)s and champion_id = %(champion_id)s
group by score_bin;

-- name: alerts
-- Templates that one of the two calls anomalous: what would have alerted.
select
    log_templates.source,
    left(log_templates.text, 100) as template_text,
    count(*) filter (where challenger.is_anomaly) as count_challenger,
    count(*) filter (where champion.is_anomaly) as count_champion,
    max(challenger.anomaly_score)::double precision as anomaly_score
from shadow_predictions as challenger
inner join ml_predictions as champion
    on
        challenger.log_entry_id = champion.log_entry_id
        and challenger.logged_at = champion.logged_at
        and champion.model_id = %(champion_id)s
inner join log_templates on challenger.template_id = log_templates.template_id
where challenger.model_id = %(model_id)s and (challenger.is_anomaly or champion.is_anomaly)
group by log_templates.template_id, log_templates.source, log_templates.text
order by anomaly_score desc, log_templates.template_id asc
limit 20;
