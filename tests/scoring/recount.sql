-- name: recount
-- What is stored beside the predictions and differs from a recount of them: nothing, if all is well.
-- `levels` maps what programs declare to the level it stands for.
with

declared as (
    select
        key as written,
        value as level
    from jsonb_each_text(%(levels)s::jsonb)
),

raw as (
    select
        predictions.*,
        date_trunc('hour', predictions.logged_at, 'UTC') as hour_at,
        log_templates.source,
        logs.id is not null as is_kept,
        coalesce(declared.level, '') as declared_level
    from ml_predictions as predictions
    left join log_templates using (template_id)
    left join log_source as logs
        on predictions.log_entry_id = logs.id and predictions.logged_at = logs.logged_at
    left join declared on logs.level = declared.written
),

-- Once a log is deleted nobody can tell what level it declared.
kept as (
    select coalesce(bool_and(is_kept), true) as all_logs from raw
),

by_template as (
    select
        template_id,
        count(*) as count_logs,
        count(*) filter (where is_anomaly) as count_anomalies,
        min(logged_at) as first_seen_at,
        max(logged_at) as last_seen_at
    from raw
    group by template_id
),

templates as (
    select
        'log_templates' as stored_in,
        coalesce(stored.template_id, counted.template_id)::text as stored_as,
        concat_ws(' ', stored.count_logs, stored.count_anomalies, stored.first_seen_at, stored.last_seen_at)
            as was_stored,
        concat_ws(' ', counted.count_logs, counted.count_anomalies, counted.first_seen_at, counted.last_seen_at)
            as was_counted
    from log_templates as stored
    full join by_template as counted on stored.template_id = counted.template_id
),

by_template_hour as (
    select
        template_id,
        hour_at,
        count(*) as count_logs,
        count(*) filter (where is_anomaly) as count_anomalies
    from raw
    group by template_id, hour_at
),

template_hours as (
    select
        'template_hourly' as stored_in,
        concat_ws(
            ' ', coalesce(stored.template_id, counted.template_id), coalesce(stored.hour_at, counted.hour_at)
        ) as stored_as,
        concat_ws(' ', stored.count_logs, stored.count_anomalies) as was_stored,
        concat_ws(' ', counted.count_logs, counted.count_anomalies) as was_counted
    from template_hourly as stored
    full join by_template_hour as counted
        on stored.template_id = counted.template_id and stored.hour_at = counted.hour_at
),

by_hour as (
    select
        hour_at,
        source,
        case when kept.all_logs then declared_level else '' end as declared_level,
        predicted_level,
        severity,
        model_id,
        count(*) as count_logs,
        count(*) filter (where is_anomaly) as count_anomalies,
        sum(level_confidence::double precision) as sum_confidence,
        sum(anomaly_score::double precision) as sum_score
    from raw
    cross join kept
    group by 1, 2, 3, 4, 5, 6
),

stored_hours as (
    select
        hour_at,
        source,
        case when kept.all_logs then declared_level else '' end as declared_level,
        predicted_level,
        severity,
        model_id,
        sum(count_logs) as count_logs,
        sum(count_anomalies) as count_anomalies,
        sum(sum_confidence) as sum_confidence,
        sum(sum_score) as sum_score
    from prediction_hourly
    cross join kept
    group by 1, 2, 3, 4, 5, 6
),

-- Sums of real numbers depend on their order a little.
hours as (
    select
        'prediction_hourly' as stored_in,
        concat_ws(
            ' ',
            coalesce(stored.hour_at, counted.hour_at),
            left(coalesce(stored.source, counted.source), 40),
            coalesce(stored.declared_level, counted.declared_level),
            coalesce(stored.predicted_level, counted.predicted_level),
            coalesce(stored.severity, counted.severity)
        ) as stored_as,
        concat_ws(' ', stored.count_logs, stored.count_anomalies) as was_stored,
        concat_ws(
            ' ',
            counted.count_logs,
            counted.count_anomalies,
            case when abs(stored.sum_confidence - counted.sum_confidence) > 1e-4 * counted.count_logs
                then counted.sum_confidence
            end,
            case when abs(stored.sum_score - counted.sum_score) > 1e-4 * counted.count_logs
                then counted.sum_score
            end
        ) as was_counted
    from stored_hours as stored
    full join by_hour as counted
        on
            stored.hour_at = counted.hour_at
            and stored.source = counted.source
            and stored.declared_level = counted.declared_level
            and stored.predicted_level = counted.predicted_level
            and stored.severity = counted.severity
            and stored.model_id = counted.model_id
),

by_level as (
    select
        template_id,
        case when kept.all_logs then declared_level else '' end as declared_level,
        predicted_level,
        count(*) as count_logs
    from raw
    cross join kept
    group by 1, 2, 3
),

stored_levels as (
    select
        template_id,
        case when kept.all_logs then declared_level else '' end as declared_level,
        predicted_level,
        sum(count_logs) as count_logs
    from template_levels
    cross join kept
    group by 1, 2, 3
),

levels as (
    select
        'template_levels' as stored_in,
        concat_ws(
            ' ',
            coalesce(stored.template_id, counted.template_id),
            coalesce(stored.declared_level, counted.declared_level),
            coalesce(stored.predicted_level, counted.predicted_level)
        ) as stored_as,
        stored.count_logs::text as was_stored,
        counted.count_logs::text as was_counted
    from stored_levels as stored
    full join by_level as counted
        on
            stored.template_id = counted.template_id
            and stored.declared_level = counted.declared_level
            and stored.predicted_level = counted.predicted_level
),

by_batch as (
    select
        batch_id,
        count(*) as count_logs,
        count(*) filter (where is_anomaly) as count_anomalies
    from raw
    group by batch_id
),

batches as (
    select
        'ml_batches' as stored_in,
        coalesce(stored.batch_id, counted.batch_id)::text as stored_as,
        concat_ws(' ', coalesce(stored.count_logs, 0), coalesce(stored.count_anomalies, 0)) as was_stored,
        concat_ws(' ', coalesce(counted.count_logs, 0), coalesce(counted.count_anomalies, 0)) as was_counted
    from ml_batches as stored
    full join by_batch as counted on stored.batch_id = counted.batch_id
),

histograms as (
    select
        'ml_batches.score_histogram' as stored_in,
        batch_id::text as stored_as,
        coalesce((select sum(count_logs) from unnest(score_histogram) as count_logs), 0)::text as was_stored,
        count_logs::text as was_counted
    from ml_batches
)

select * from templates where was_stored is distinct from was_counted
union all
select * from template_hours where was_stored is distinct from was_counted
union all
select * from hours where was_stored is distinct from was_counted
union all
select * from levels where was_stored is distinct from was_counted
union all
select * from batches where was_stored is distinct from was_counted
union all
select * from histograms where was_stored is distinct from was_counted
limit 20;
