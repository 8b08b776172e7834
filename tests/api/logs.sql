-- Three days of logs of three programs, scored: 25 templates, 3,000 logs, a few of them hostile.
-- Rollups are computed from the predictions, so that every view agrees with them.

insert into ml_models (version, role, manifest)
values (
    'model-a',
    'champion',
    '{"score_histogram": [900, 40, 20, 10, 10, 5, 5, 4, 3, 3], "count_training_logs": 1000}'
);

insert into ml_batches (
    status, model_id, started_at, finished_at, count_logs, count_anomalies, count_new_templates,
    step_seconds, score_histogram, count_words, count_unseen_words, error
)
values
(
    'done', 1, now() - interval '2 hours', now() - interval '119 minutes', 2000, 20, 25,
    '{"read": 0.5, "infer": 1.5}', array[1800, 80, 40, 20, 20, 10, 10, 10, 5, 5], 20000, 200, null
),
(
    'failed', 1, now() - interval '90 minutes', now() - interval '90 minutes', 0, 0, 0,
    '{}', '{}', 0, 0, 'invalid input: password=hunter2 on line 7'
),
(
    'done', 1, now() - interval '5 minutes', now() - interval '4 minutes', 1000, 10, 0,
    '{"read": 0.2, "infer": 0.9}', array[900, 40, 20, 10, 10, 5, 5, 5, 3, 2], 10000, 50, null
);

-- The batches found more worth telling than they kept.
update ml_batches set count_alerts_left_out = batch_id * 10;
insert into ml_alerts (fingerprint, batch_id, severity, source, count_logs, first_logged_at, reasons)
select 'alert of ' || batch_id, batch_id, 'high', 'sshd', 1, now(), e'rare\nnew'
from ml_batches where status = 'done';

insert into log_templates
select
    1000 + number as template_id,
    1 as normalizer_version,
    (array['nginx', 'postgresql', 'sshd'])[1 + number % 3] as source,
    'template ' || number || ' took <num> ms' as text,
    now() as first_seen_at,
    now() as last_seen_at,
    0 as count_logs,
    0 as count_anomalies,
    (enum_range(null::log_level))[1 + number % 6] as predicted_level,
    0.9 as level_confidence,
    0 as example_log_entry_id,
    now() as example_logged_at
from generate_series(0, 24) as number;

-- Ids of templates are hashes of 64 bits: one beyond what a float holds, one negative.
update log_templates set template_id = 9223372036854775807 where template_id = 1023;
update log_templates set template_id = -9007199254740993 where template_id = 1024;

insert into log_entries (id, logged_at, source, level, message, trace_id)
overriding system value
select
    number as id,
    -- Pairs share their time, so that the order needs the id.
    date_trunc('second', now()) - (3000 - number) / 2 * interval '170 seconds' as logged_at,
    templates.source,
    case number % 4
        when 0 then 'INFO'
        when 1 then templates.predicted_level::text
        when 2 then 'lvl: secret ' || number
    end as level,
    case
        when number = 2999 then '<script>alert(1)</script> "quoted" \back' || e'\t\x1b[31m' || U&'\2028\+01F600'
        when number = 2998 then '=1+1 ' || repeat('long ', 1000)
        else 'raw message ' || number || ' of user' || number || '@example.org'
    end as message,
    case
        when number = 10 then repeat('a long trace ', 30) || number
        when number % 5 = 0 then 'trace-' || number / 10
    end as trace_id
from generate_series(1, 3000) as number
inner join
    (
        select
            template_id,
            source,
            predicted_level,
            row_number() over (order by text) - 1 as position
        from log_templates
    ) as templates
    on templates.position = least(number % 25, number % 40);

select ensure_partitions(array_agg(distinct (logged_at at time zone 'UTC')::date)) from log_entries;

insert into ml_predictions
select
    logs.id as log_entry_id,
    logs.logged_at,
    templates.template_id,
    now() as predicted_at,
    templates.predicted_level,
    0.5 + (logs.id % 50) / 100.0 as level_confidence,
    case when logs.id % 97 = 89 then 0.97 else (logs.id % 90) / 100.0 end as anomaly_score,
    case when logs.id % 97 = 89 then (enum_range(null::log_severity))[1 + (logs.id / 97) % 4] else 'low' end
        as severity,
    case when logs.id <= 2000 then 1 else 3 end as batch_id,
    1 as model_id,
    logs.id % 97 = 89 as is_anomaly,
    case when logs.id % 97 = 89 then e'new pattern\nburst: 40 times its usual rate' else '' end as reasons
from log_entries as logs
inner join
    (
        select
            template_id,
            predicted_level,
            row_number() over (order by text) - 1 as position
        from log_templates
    ) as templates
    on templates.position = least(logs.id % 25, logs.id % 40);

insert into prediction_hourly
select
    date_trunc('hour', predictions.logged_at) as hour_at,
    logs.source,
    case when logs.level in ('TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL') then logs.level else '' end
        as declared_level,
    predictions.predicted_level,
    predictions.severity,
    predictions.model_id,
    count(*) as count_logs,
    count(*) filter (where predictions.is_anomaly) as count_anomalies,
    sum(predictions.level_confidence) as sum_confidence,
    sum(predictions.anomaly_score) as sum_score
from ml_predictions as predictions
inner join log_entries as logs on predictions.log_entry_id = logs.id
group by 1, 2, 3, 4, 5, 6;

insert into template_hourly
select
    template_id,
    date_trunc('hour', logged_at) as hour_at,
    count(*) as count_logs,
    count(*) filter (where is_anomaly) as count_anomalies
from ml_predictions
group by 1, 2;

insert into template_levels
select
    predictions.template_id,
    case when logs.level in ('TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL') then logs.level else '' end
        as declared_level,
    predictions.predicted_level,
    count(*) as count_logs,
    sum(predictions.level_confidence) as sum_confidence
from ml_predictions as predictions
inner join log_entries as logs on predictions.log_entry_id = logs.id
group by 1, 2, 3;

update log_templates
set
    count_logs = seen.count_logs,
    count_anomalies = seen.count_anomalies,
    first_seen_at = seen.first_at,
    last_seen_at = seen.last_at,
    example_log_entry_id = seen.last_id,
    example_logged_at = seen.last_at
from (
    select
        template_id,
        count(*) as count_logs,
        count(*) filter (where is_anomaly) as count_anomalies,
        min(logged_at) as first_at,
        max(logged_at) as last_at,
        max(log_entry_id) as last_id
    from ml_predictions
    group by template_id
) as seen
where log_templates.template_id = seen.template_id;

delete from log_templates where count_logs = 0;

select refresh_stats();
