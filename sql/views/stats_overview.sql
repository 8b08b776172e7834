-- The whole installation in one row.
drop materialized view if exists stats_overview;
create materialized view stats_overview as
with

ever as (
    select
        coalesce(sum(count_logs), 0)::bigint as count_predictions,
        coalesce(sum(count_anomalies), 0)::bigint as count_anomalies,
        count(distinct source) as count_sources
    from prediction_totals
),

recent as (
    select
        coalesce(sum(count_logs), 0)::bigint as count_predictions_24h,
        coalesce(sum(count_anomalies), 0)::bigint as count_anomalies_24h
    from prediction_hourly
    where hour_at > now() - interval '24 hours'
),

templates as (
    select
        count(*) as count_templates,
        count(*) filter (where first_seen_at > now() - interval '24 hours') as count_new_templates_24h,
        min(first_seen_at) as first_logged_at,
        max(last_seen_at) as last_logged_at
    from log_templates
),

waiting as (
    select
        count(*) as count_unscored,
        min(ingested_at) as oldest_unscored_at
    from unscored_logs()
)

select
    1::smallint as id,
    ever.*,
    templates.*,
    recent.*,
    waiting.*,
    latest.last_batch_id,
    latest.last_batch_finished_at,
    latest.model_version,
    now() as refreshed_at,
    ever.count_predictions - (
        select coalesce(sum(count_rows) filter (where relation = 'ml_predictions'), 0) from ml_pruned
    )::bigint as count_stored
from ever
cross join recent
cross join templates
cross join waiting
left join last_batch() as latest on true;

create unique index stats_overview_key on stats_overview (id);

comment on materialized view stats_overview is 'One row: the whole installation.';
comment on column stats_overview.id is 'Always 1.';
comment on column stats_overview.count_predictions is 'Logs ever scored, pruned ones included.';
comment on column stats_overview.count_anomalies is 'Those of them that are anomalous.';
comment on column stats_overview.count_sources is 'Sources ever scored.';
comment on column stats_overview.count_templates is 'Distinct templates.';
comment on column stats_overview.count_new_templates_24h is 'Templates first seen in the last 24 hours.';
comment on column stats_overview.first_logged_at is 'Time of the first log.';
comment on column stats_overview.last_logged_at is 'Time of the last log.';
comment on column stats_overview.count_predictions_24h is 'Logs of the last 24 hours.';
comment on column stats_overview.count_anomalies_24h is 'Anomalous logs of the last 24 hours.';
comment on column stats_overview.count_unscored is 'Logs without prediction, of those not yet looked at by a batch.';
comment on column stats_overview.oldest_unscored_at is 'When the first of them arrived.';
comment on column stats_overview.last_batch_id is 'Latest finished batch; the ETag of every answer.';
comment on column stats_overview.last_batch_finished_at is 'When it finished.';
comment on column stats_overview.model_version is 'Model that scored it.';
comment on column stats_overview.refreshed_at is 'When this row was computed.';
comment on column stats_overview.count_stored is 'Predictions now stored: count_predictions less what prune dropped.';
