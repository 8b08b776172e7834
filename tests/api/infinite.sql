-- Logs whose clocks were not wrong but without an end.
insert into ml_predictions
select
    900000 + number as log_entry_id,
    end_of_time as logged_at,
    1000 as template_id,
    now() as predicted_at,
    'INFO'::log_level as predicted_level,
    0.9 as level_confidence,
    0.1 as anomaly_score,
    'low'::log_severity as severity,
    1 as batch_id,
    1 as model_id,
    false as is_anomaly,
    '' as reasons
from generate_series(1, 3) as number
cross join (values ('infinity'::timestamptz), ('-infinity')) as ends (end_of_time);

insert into prediction_hourly
select
    end_of_time as hour_at,
    'nginx' as source,
    '' as declared_level,
    'INFO'::log_level as predicted_level,
    'low'::log_severity as severity,
    1 as model_id,
    3 as count_logs,
    0 as count_anomalies,
    2.7 as sum_confidence,
    0.3 as sum_score
from (values ('infinity'::timestamptz), ('-infinity')) as ends (end_of_time);
