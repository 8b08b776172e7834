-- 45,000 older logs of one program before those of three: what a search for another has to pass. One
-- in thirty is anomalous, which is more than the view of the latest anomalies holds.
select ensure_partitions(array_agg((current_date - days)::date)) from generate_series(3, 7) as days;

insert into ml_predictions
select
    number as log_entry_id,
    now() - interval '4 days' - number * interval '1 second' as logged_at,
    case when number in (100001, 125000, 144999) then 1001 else 1000 end as template_id,
    now() as predicted_at,
    'INFO'::log_level as predicted_level,
    0.9 as level_confidence,
    0.1 as anomaly_score,
    'low'::log_severity as severity,
    1 as batch_id,
    1 as model_id,
    number % 30 = 0 as is_anomaly,
    '' as reasons
from generate_series(100001, 145000) as number;

insert into template_hourly
select
    template_id,
    date_trunc('hour', logged_at, 'UTC') as hour_at,
    count(*) as count_logs,
    count(*) filter (where is_anomaly) as count_anomalies
from ml_predictions
where log_entry_id > 100000
group by 1, 2;

insert into prediction_hourly
select
    date_trunc('hour', predictions.logged_at, 'UTC') as hour_at,
    log_templates.source,
    '' as declared_level,
    predictions.predicted_level,
    predictions.severity,
    predictions.model_id,
    count(*) as count_logs,
    count(*) filter (where predictions.is_anomaly) as count_anomalies,
    sum(predictions.level_confidence) as sum_confidence,
    sum(predictions.anomaly_score) as sum_score
from ml_predictions as predictions
inner join log_templates on predictions.template_id = log_templates.template_id
where predictions.log_entry_id > 100000
group by 1, 2, 4, 5, 6;

select refresh_stats();
analyze;
