-- name: shadow_recounted
-- The comparison as a recount of both kinds of predictions, and as it is kept.
with

counted as (
    select
        challenger.model_id,
        champion.model_id as champion_id,
        challenger.predicted_level,
        champion.predicted_level as champion_level,
        challenger.is_anomaly,
        champion.is_anomaly as is_champion_anomaly,
        count(*) as count_logs
    from shadow_predictions as challenger
    inner join ml_predictions as champion using (log_entry_id, logged_at)
    group by 1, 2, 3, 4, 5, 6
),

kept as (
    select
        model_id,
        champion_id,
        predicted_level,
        champion_level,
        is_anomaly,
        is_champion_anomaly,
        sum(count_logs) as count_logs
    from shadow_daily
    group by 1, 2, 3, 4, 5, 6
)

select * from (select * from counted except select * from kept) as lacking
union all
select * from (select * from kept except select * from counted) as beyond;

-- name: shadow_counts
-- What is in the shadow.
select
    count(*) as count_shadow,
    count(distinct log_entry_id) as count_logs,
    count(distinct model_id) as count_models
from shadow_predictions;

-- name: shadow_scores
-- What each challenger said of each log.
select
    log_entry_id,
    array_agg(anomaly_score order by model_id) as scores
from shadow_predictions
group by log_entry_id;

-- name: compared
-- What the view shows of challengers.
select *
from stats_models
where role = 'challenger';

-- name: roles_of_models
-- Which model is what.
select version, role
from ml_models
order by model_id;

-- name: decisions
-- Every check of every decision.
select *
from decisions
order by decision_id, place;

-- name: judge_anomalies
-- People judge the latest anomaly of each template through the function: some are confirmed, the
-- others are false alarms.
select
    submit_feedback(
        log_entry_id,
        logged_at,
        null,
        case when number <= %(confirmed)s then 'confirmed' else 'false_alarm' end,
        null,
        'a person'
    )
from (
    select
        (array_agg(log_entry_id order by logged_at desc, log_entry_id desc))[1] as log_entry_id,
        max(logged_at) as logged_at,
        row_number() over (order by template_id) as number
    from ml_predictions
    where is_anomaly
    group by template_id
) as anomalies
where number <= %(count)s;

-- name: latest_histogram
-- Scores of the latest batch.
select score_histogram
from ml_batches
order by batch_id desc
limit 1;

-- name: went_on_for_days
-- The programs had gone on alike for days: the logs again, a day earlier each time, and in that order.
-- Those of the last day arrived just now, those before three days ago.
with days as (
    delete from log_entries
    returning *
)

insert into log_entries (logged_at, source, level, message, ingested_at)
select
    days.logged_at - ago * interval '1 day',
    days.source,
    days.level,
    days.message,
    case when ago = 0 then now() else now() - interval '3 days' end
from days
cross join generate_series(0, %(days)s) as before (ago)
order by ago desc, days.logged_at, days.id;

-- name: latest_anomalous_templates
-- Anomalous logs of each template.
select
    template_id,
    count(*) as count_logs
from ml_predictions
where is_anomaly
group by template_id;

-- name: mute_each_way
-- A source, a template, a template of a source; one that ended, and one taken back.
insert into ml_mutes (source, template_id, muted_until, created_by, revoked_at)
values
('nginx', null, now() + '1 hour'::interval, 'a person', null),
(null, %(one)s, now() + '1 hour'::interval, 'a person', null),
('shop', %(other)s, now() + '1 hour'::interval, 'a person', null),
('worker', null, now() - '1 second'::interval, 'a person', null),
('payments', null, now() + '1 hour'::interval, 'a person', now());

-- name: judge_a_log
-- A person judges one anomalous log of a template, through the function.
select submit_feedback(log_entry_id, logged_at, null, %(verdict)s, null, 'a person') as feedback_id
from ml_predictions
where template_id = %(template_id)s and is_anomaly
limit 1;

-- name: score_anew
-- Every log waits for its prediction again.
delete from ml_predictions;

-- name: precision_by_day
-- What people said of the anomalies of each day.
select *
from stats_model_days
where count_confirmed + count_false_alarms > 0;
