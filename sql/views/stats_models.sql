-- What each model did, how well it fits, and what people said of it.
drop materialized view if exists stats_models;
create materialized view stats_models as
with

volume as (
    select
        model_id,
        sum(count_logs)::bigint as count_logs,
        sum(count_anomalies)::bigint as count_anomalies,
        sum(count_logs) filter (where declared_level <> '') as count_declared,
        sum(count_logs) filter (where declared_level = predicted_level::text) as count_agreed,
        sum(sum_confidence) / sum(count_logs) as mean_confidence,
        sum(sum_score) / sum(count_logs) as mean_score
    from prediction_totals
    group by model_id
),

words as (
    select
        model_id,
        sum(count_unseen_words)::double precision / nullif(sum(count_words), 0) as share_unseen_words
    from ml_batches
    where status = 'done' and batch_id > (select max(latest.batch_id) - 1000 from ml_batches as latest)
    group by model_id
),

said as (
    select
        feedback_id,
        model_id,
        is_anomaly
    from ml_feedback
    union distinct
    select
        feedback_id,
        model_id,
        is_anomaly
    from shadow_feedback
),

judged as (
    select
        said.model_id,
        count(*) filter (where ml_feedback.verdict = 'confirmed') as count_confirmed,
        count(*) filter (where ml_feedback.verdict = 'false_alarm') as count_false_alarms
    from said
    inner join ml_feedback using (feedback_id)
    where ml_feedback.revoked_at is null and said.is_anomaly
    group by said.model_id
),

-- Of several champions that a challenger was compared with, the one with most logs.
shadow as (
    select distinct on (model_id) *
    from shadow_figures()
    order by model_id asc, count_logs desc
)

select
    ml_models.model_id,
    ml_models.version,
    ml_models.role,
    ml_models.registered_at,
    coalesce(volume.count_logs, 0) as count_logs,
    coalesce(volume.count_anomalies, 0) as count_anomalies,
    coalesce(volume.count_agreed, 0) / volume.count_declared as share_agreed,
    coalesce(judged.count_confirmed, 0) as count_confirmed,
    coalesce(judged.count_false_alarms, 0) as count_false_alarms,
    judged.count_confirmed::double precision
    / nullif(judged.count_confirmed + judged.count_false_alarms, 0) as share_confirmed,
    volume.mean_confidence,
    volume.mean_score,
    words.share_unseen_words,
    coalesce(shadow.count_logs, 0) as count_shadow_logs,
    shadow.count_anomalies as count_shadow_anomalies,
    shadow.count_champion_anomalies,
    shadow.share_same_level,
    shadow.share_same_anomaly,
    shadow.score_psi as shadow_psi
from ml_models
left join volume using (model_id)
left join words using (model_id)
left join judged using (model_id)
left join shadow using (model_id);

create unique index stats_models_key on stats_models (model_id);

comment on materialized view stats_models is
'One row per model that ever scored, for real or in the shadow; drift by batch is in stats_drift.';
comment on column stats_models.model_id is 'Model.';
comment on column stats_models.version is 'Hash of the model files.';
comment on column stats_models.role is 'champion, challenger or retired.';
comment on column stats_models.registered_at is 'When it first scored.';
comment on column stats_models.count_logs is 'Logs that it scored for real.';
comment on column stats_models.count_anomalies is 'Those of them that it called anomalous.';
comment on column stats_models.share_agreed is 'Share of declared levels that it predicted, 0 to 1.';
comment on column stats_models.count_confirmed is 'Anomalies that people confirmed.';
comment on column stats_models.count_false_alarms is 'Anomalies that people called false.';
comment on column stats_models.share_confirmed is 'Precision by feedback, 0 to 1; null without feedback.';
comment on column stats_models.mean_confidence is 'Mean probability of the predicted levels, 0 to 1.';
comment on column stats_models.mean_score is 'Mean anomaly score, 0 to 1.';
comment on column stats_models.share_unseen_words is 'Share of words unknown to training, latest thousand batches.';
comment on column stats_models.count_shadow_logs is
'Logs that it scored in the shadow and the champion had scored; neither was fitted on them.';
comment on column stats_models.count_shadow_anomalies is
'Those of them that it calls anomalous, without templates that people judged; null: none compared.';
comment on column stats_models.count_champion_anomalies is 'Those of the same logs that the champion did.';
comment on column stats_models.share_same_level is 'Share of the shadow logs with the champion''s level, 0 to 1.';
comment on column stats_models.share_same_anomaly is
'Share of those without judged template on which both agree whether they are anomalous, 0 to 1.';
comment on column stats_models.shadow_psi is
'Population stability index of its scores in the shadow against its training: above 0.25 much.';
