-- The predictions of one day, `ago` days back, with their rollups: what a day's batches leave.
select ensure_partitions(array[((now() at time zone 'UTC')::date - %(ago)s)]);

with

-- Few templates make most of the logs, as in life: the cube of a uniform number.
drawn as (
    select
        number,
        least((%(templates)s * random() ^ 3)::bigint, %(templates)s - 1) as template,
        random() as chance,
        random() as moment
    from generate_series(1, %(logs)s) as number
)

insert into ml_predictions
select
    number + %(ago)s::bigint * 100000000 as log_entry_id,
    ((now() at time zone 'UTC')::date - %(ago)s) at time zone 'UTC'
    + least(moment * interval '24 hours', case when %(ago)s = 0 then now() - date_trunc('day', now(), 'UTC') end)
        as logged_at,
    template * 2654435761 - 9000000000000000000 as template_id,
    now() as predicted_at,
    (enum_range(null::log_level))[(array[3, 3, 3, 3, 3, 3, 2, 4, 5, 3])[1 + template %% 10]] as predicted_level,
    0.9 as level_confidence,
    chance as anomaly_score,
    case when chance > 0.995 then 'high' else 'low' end::log_severity as severity,
    1 as batch_id,
    1 as model_id,
    chance > 0.995 as is_anomaly,
    case when chance > 0.995 then 'rate 40 times its own mean of the last day' else '' end as reasons
from drawn;

create temporary table drawn_groups on commit drop as
select
    template_id,
    date_trunc('hour', logged_at, 'UTC') as hour_at,
    predicted_level,
    severity,
    count(*) as count_logs,
    count(*) filter (where is_anomaly) as count_anomalies,
    sum(level_confidence) as sum_confidence,
    sum(anomaly_score) as sum_score
from ml_predictions
where
    logged_at >= ((now() at time zone 'UTC')::date - %(ago)s) at time zone 'UTC'
    and logged_at < ((now() at time zone 'UTC')::date - %(ago)s + 1) at time zone 'UTC'
group by 1, 2, 3, 4;

insert into template_hourly
select
    template_id,
    hour_at,
    sum(count_logs) as count_logs,
    sum(count_anomalies) as count_anomalies
from drawn_groups
group by 1, 2;

insert into prediction_hourly
select
    hour_at,
    source,
    drawn_groups.predicted_level::text as declared_level,
    drawn_groups.predicted_level,
    severity,
    1 as model_id,
    sum(drawn_groups.count_logs) as count_logs,
    sum(drawn_groups.count_anomalies) as count_anomalies,
    sum(sum_confidence) as sum_confidence,
    sum(sum_score) as sum_score
from drawn_groups
inner join log_templates using (template_id)
group by 1, 2, 3, 4, 5;

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
    first_seen_at = least(stored.first_seen_at, found.first_at)
from (
    select
        template_id,
        sum(count_logs) as count_logs,
        sum(count_anomalies) as count_anomalies,
        min(hour_at) as first_at
    from drawn_groups
    group by 1
) as found
where stored.template_id = found.template_id;
