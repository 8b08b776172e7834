-- The whole installation in one row.
drop materialized view if exists stats_overview;
create materialized view stats_overview as
with

predictions as (
    select
        coalesce(sum(count_logs), 0)::bigint as count_predictions,
        coalesce(sum(count_anomalies), 0)::bigint as count_anomalies,
        count(distinct source) as count_sources,
        coalesce(sum(count_logs) filter (where hour_at > now() - interval '24 hours'), 0)::bigint
            as count_predictions_24h,
        coalesce(sum(count_anomalies) filter (where hour_at > now() - interval '24 hours'), 0)::bigint
            as count_anomalies_24h
    from prediction_hourly
),

templates as (
    select
        count(*) as count_templates,
        count(*) filter (where first_seen_at > now() - interval '24 hours') as count_new_templates_24h,
        min(first_seen_at) as first_logged_at,
        max(last_seen_at) as last_logged_at
    from log_templates
),

last_batch as (
    select
        batch_id as last_batch_id,
        started_at as last_batch_started_at,
        finished_at as last_batch_finished_at,
        model_id
    from ml_batches
    where status = 'done'
    order by batch_id desc
    limit 1
),

-- What arrived before the last batch began was looked at by it; ten minutes of slack for rows
-- whose transaction was open then.
waiting as (
    select
        count(*) as count_unscored,
        min(logs.ingested_at) as oldest_unscored_at
    from log_source as logs
    where
        logs.ingested_at
        >= coalesce((select last_batch.last_batch_started_at from last_batch) - interval '10 minutes', '-infinity')
        and not exists (
            select from ml_predictions as scored
            where scored.log_entry_id = logs.id and scored.logged_at = logs.logged_at
        )
)

select
    1::smallint as id,
    predictions.count_predictions,
    predictions.count_anomalies,
    predictions.count_sources,
    templates.count_templates,
    predictions.count_predictions_24h,
    predictions.count_anomalies_24h,
    templates.count_new_templates_24h,
    templates.first_logged_at,
    templates.last_logged_at,
    waiting.count_unscored,
    waiting.oldest_unscored_at,
    last_batch.last_batch_id,
    last_batch.last_batch_finished_at,
    ml_models.version as model_version,
    now() as refreshed_at
from predictions
cross join templates
cross join waiting
left join last_batch on true
left join ml_models on last_batch.model_id = ml_models.model_id;

create unique index stats_overview_key on stats_overview (id);

comment on materialized view stats_overview is 'One row: the whole installation.';
comment on column stats_overview.id is 'Always 1.';
comment on column stats_overview.count_predictions is 'Logs that have a prediction.';
comment on column stats_overview.count_anomalies is 'Those of them that are anomalous.';
comment on column stats_overview.count_sources is 'Sources ever scored.';
comment on column stats_overview.count_templates is 'Distinct templates.';
comment on column stats_overview.count_predictions_24h is 'Logs of the last 24 hours.';
comment on column stats_overview.count_anomalies_24h is 'Anomalous logs of the last 24 hours.';
comment on column stats_overview.count_new_templates_24h is 'Templates first seen in the last 24 hours.';
comment on column stats_overview.first_logged_at is 'Time of the first log.';
comment on column stats_overview.last_logged_at is 'Time of the last log.';
comment on column stats_overview.count_unscored is 'Logs that arrived since the last batch began, without prediction.';
comment on column stats_overview.oldest_unscored_at is 'When the first of them arrived.';
comment on column stats_overview.last_batch_id is 'Latest finished batch; the ETag of every answer.';
comment on column stats_overview.last_batch_finished_at is 'When it finished.';
comment on column stats_overview.model_version is 'Model that scored it.';
comment on column stats_overview.refreshed_at is 'When this row was computed.';
