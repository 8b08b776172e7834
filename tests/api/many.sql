-- 45,000 older logs of one program before those of three: what a search for another has to pass.
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
    false as is_anomaly,
    '' as reasons
from generate_series(100001, 145000) as number;

analyze ml_predictions;
