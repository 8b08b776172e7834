-- How much each model found on each day, and how much of it people confirmed.
drop materialized view if exists stats_model_days;
create materialized view stats_model_days as
with

volume as (
    select
        model_id,
        day,
        sum(count_logs)::bigint as count_logs,
        sum(count_anomalies)::bigint as count_anomalies
    from prediction_daily
    where day > (now() at time zone 'UTC')::date - 90
    group by model_id, day
),

said as (
    select
        model_id,
        verdict,
        (coalesce(logged_at, created_at) at time zone 'UTC')::date as day
    from ml_feedback
    where
        revoked_at is null
        and is_anomaly
        and coalesce(logged_at, created_at) > now() - interval '90 days'
),

judged as (
    select
        model_id,
        day,
        count(*) filter (where verdict = 'confirmed') as count_confirmed,
        count(*) filter (where verdict = 'false_alarm') as count_false_alarms
    from said
    group by model_id, day
)

select
    model_id,
    day,
    ml_models.version,
    coalesce(volume.count_logs, 0) as count_logs,
    coalesce(volume.count_anomalies, 0) as count_anomalies,
    coalesce(judged.count_confirmed, 0) as count_confirmed,
    coalesce(judged.count_false_alarms, 0) as count_false_alarms,
    judged.count_confirmed::double precision
    / (judged.count_confirmed + judged.count_false_alarms) as share_confirmed
from volume
full join judged using (model_id, day)
inner join ml_models using (model_id);

create unique index stats_model_days_key on stats_model_days (model_id, day);

comment on materialized view stats_model_days is
'One row per model and day of the last 90 on which it scored or was judged.';
comment on column stats_model_days.model_id is 'Model.';
comment on column stats_model_days.day is
'Day (UTC) of the logs; of a verdict on a whole template, the day it was given.';
comment on column stats_model_days.version is 'Hash of the model files.';
comment on column stats_model_days.count_logs is 'Logs of the day that it scored for real.';
comment on column stats_model_days.count_anomalies is 'Those of them that it called anomalous.';
comment on column stats_model_days.count_confirmed is 'Anomalies that people confirmed.';
comment on column stats_model_days.count_false_alarms is 'Anomalies that people called false.';
comment on column stats_model_days.share_confirmed is 'Precision by feedback, 0 to 1; null: nobody judged.';
