-- Predictions of logs between two times, with their rollups: what batches would have left. Templates
-- are those of history_model.sql. Rows lie in the order of time, as they come.
select ensure_partitions(array[(%(from_at)s::timestamptz at time zone 'UTC')::date]);

create temporary table drawn on commit drop as
with

-- Few templates make most of the logs, as in life: the cube of a uniform number.
chosen as (
    select
        number,
        least((%(templates)s * random() ^ 3)::bigint, %(templates)s - 1) as template,
        random() as chance
    from generate_series(1, %(logs)s) as number
)

select
    number + %(first_id)s as log_entry_id,
    %(from_at)s::timestamptz
    + (number - random()) / %(logs)s * (%(until_at)s::timestamptz - %(from_at)s::timestamptz) as logged_at,
    template * 2654435761 - 9000000000000000000 as template_id,
    now() as predicted_at,
    (enum_range(null::log_level))[(array[3, 3, 3, 3, 3, 3, 2, 4, 5, 3])[1 + template %% 10]] as predicted_level,
    0.9::real as level_confidence,
    chance::real as anomaly_score,
    case when chance > 0.995 then 'high' else 'low' end::log_severity as severity,
    1 as batch_id,
    1::smallint as model_id,
    chance > 0.995 as is_anomaly,
    case when chance > 0.995 then 'rate 40 times its own mean of the last day' else '' end as reasons
from chosen;

insert into ml_predictions select * from drawn;

create temporary table drawn_groups on commit drop as
select
    template_id,
    date_trunc('hour', logged_at, 'UTC') as hour_at,
    predicted_level,
    severity,
    count(*) as count_logs,
    count(*) filter (where is_anomaly) as count_anomalies,
    sum(level_confidence) as sum_confidence,
    sum(anomaly_score) as sum_score,
    min(logged_at) as first_at,
    max(logged_at) as last_at
from drawn
group by 1, 2, 3, 4;

insert into template_hourly as stored
select
    template_id,
    hour_at,
    sum(count_logs) as count_logs,
    sum(count_anomalies) as count_anomalies
from drawn_groups
group by 1, 2
on conflict (template_id, hour_at) do update set
    count_logs = stored.count_logs + excluded.count_logs,
    count_anomalies = stored.count_anomalies + excluded.count_anomalies;

insert into prediction_hourly as stored
select
    drawn_groups.hour_at,
    log_templates.source,
    drawn_groups.predicted_level::text as declared_level,
    drawn_groups.predicted_level,
    drawn_groups.severity,
    1 as model_id,
    sum(drawn_groups.count_logs) as count_logs,
    sum(drawn_groups.count_anomalies) as count_anomalies,
    sum(drawn_groups.sum_confidence) as sum_confidence,
    sum(drawn_groups.sum_score) as sum_score
from drawn_groups
inner join log_templates using (template_id)
group by 1, 2, 3, 4, 5
on conflict (hour_at, source, declared_level, predicted_level, severity, model_id) do update set
    count_logs = stored.count_logs + excluded.count_logs,
    count_anomalies = stored.count_anomalies + excluded.count_anomalies,
    sum_confidence = stored.sum_confidence + excluded.sum_confidence,
    sum_score = stored.sum_score + excluded.sum_score;

insert into template_levels as stored
select
    template_id,
    predicted_level::text as declared_level,
    predicted_level,
    sum(count_logs) as count_logs,
    sum(sum_confidence) as sum_confidence
from drawn_groups
group by 1, 2, 3
on conflict (template_id, declared_level, predicted_level) do update set
    count_logs = stored.count_logs + excluded.count_logs,
    sum_confidence = stored.sum_confidence + excluded.sum_confidence;

update log_templates as stored
set
    count_logs = stored.count_logs + found.count_logs,
    count_anomalies = stored.count_anomalies + found.count_anomalies,
    first_seen_at = least(stored.first_seen_at, found.first_at),
    last_seen_at = greatest(stored.last_seen_at, found.last_at)
from (
    select
        template_id,
        sum(count_logs) as count_logs,
        sum(count_anomalies) as count_anomalies,
        min(first_at) as first_at,
        max(last_at) as last_at
    from drawn_groups
    group by 1
) as found
where stored.template_id = found.template_id;

insert into ml_batches (
    status, model_id, finished_at, complete_until, count_logs, step_seconds, score_histogram, count_words
)
values (
    'done', 1, now(), now(), %(logs)s, '{"read": 0.1, "infer": 0.2, "copy": 0.1, "rollups": 0.1, "refresh": 0.3}',
    array[%(logs)s, 0, 0, 0, 0, 0, 0, 0, 0, 0], 10 * %(logs)s
);
