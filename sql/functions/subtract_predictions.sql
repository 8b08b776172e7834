-- Take deleted predictions out of every rollup and template, in the same transaction: to score some
-- logs again, delete their predictions; the next batch whose window holds the logs does the rest.
-- Dropping partitions, as prune does, does not come past here: what it drops still counts.
create or replace function subtract_predictions() returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
    -- Alone with the rollups, as a refresh is.
    perform pg_advisory_xact_lock(hashtext('logkiln.writes'), 0);
    if tg_op = 'TRUNCATE' then
        delete from prediction_hourly;
        delete from template_hourly;
        delete from template_levels;
        delete from log_templates;
        delete from ml_pruned where relation = tg_table_name;
        update ml_batches set complete_until = '-infinity';
        return null;
    end if;

    drop table if exists pg_temp.removed_groups, pg_temp.removed_templates;
    create temporary table removed_groups on commit drop as
    select
        removed.template_id,
        date_trunc('hour', removed.logged_at, 'UTC') as hour_at,
        log_templates.source,
        declared_log_level(coalesce(logs.level, '')) as declared_level,
        removed.predicted_level,
        removed.severity,
        removed.model_id,
        count(*) as count_logs,
        count(*) filter (where removed.is_anomaly) as count_anomalies,
        sum(removed.level_confidence::double precision) as sum_confidence,
        sum(removed.anomaly_score::double precision) as sum_score,
        min(removed.logged_at) as first_at,
        max(removed.logged_at) as last_at,
        min(logs.ingested_at) as ingested_at
    from removed
    inner join log_templates using (template_id)
    inner join log_source as logs on removed.log_entry_id = logs.id and removed.logged_at = logs.logged_at
    group by 1, 2, 3, 4, 5, 6, 7;

    -- A log that is gone will not be scored again, and still counts, as those that prune drops do.
    insert into ml_pruned (relation, range_from, range_until, count_rows)
    select tg_table_name, min(removed.logged_at), max(removed.logged_at) + interval '1 microsecond', count(*)
    from removed
    where not exists (
        select from log_source as logs
        where logs.id = removed.log_entry_id and logs.logged_at = removed.logged_at
    )
    having count(*) > 0;

    update prediction_hourly as stored set
        count_logs = stored.count_logs - gone.count_logs,
        count_anomalies = stored.count_anomalies - gone.count_anomalies,
        sum_confidence = stored.sum_confidence - gone.sum_confidence,
        sum_score = stored.sum_score - gone.sum_score
    from (
        select
            hour_at, source, declared_level, predicted_level, severity, model_id,
            sum(count_logs) as count_logs, sum(count_anomalies) as count_anomalies,
            sum(sum_confidence) as sum_confidence, sum(sum_score) as sum_score
        from pg_temp.removed_groups
        group by 1, 2, 3, 4, 5, 6
    ) as gone
    where
        (stored.hour_at, stored.source, stored.declared_level, stored.predicted_level)
        = (gone.hour_at, gone.source, gone.declared_level, gone.predicted_level)
        and (stored.severity, stored.model_id) = (gone.severity, gone.model_id);
    delete from prediction_hourly where count_logs <= 0;

    update template_hourly as stored set
        count_logs = stored.count_logs - gone.count_logs,
        count_anomalies = stored.count_anomalies - gone.count_anomalies
    from (
        select template_id, hour_at, sum(count_logs) as count_logs, sum(count_anomalies) as count_anomalies
        from pg_temp.removed_groups
        group by 1, 2
    ) as gone
    where (stored.template_id, stored.hour_at) = (gone.template_id, gone.hour_at);
    delete from template_hourly
    where count_logs <= 0 and template_id in (select template_id from pg_temp.removed_groups);

    update template_levels as stored set
        count_logs = stored.count_logs - gone.count_logs,
        sum_confidence = stored.sum_confidence - gone.sum_confidence
    from (
        select
            template_id, declared_level, predicted_level,
            sum(count_logs) as count_logs, sum(sum_confidence) as sum_confidence
        from pg_temp.removed_groups
        group by 1, 2, 3
    ) as gone
    where
        (stored.template_id, stored.declared_level, stored.predicted_level)
        = (gone.template_id, gone.declared_level, gone.predicted_level);
    delete from template_levels where count_logs <= 0;

    create temporary table removed_templates on commit drop as
    select
        template_id,
        sum(count_logs) as count_logs,
        sum(count_anomalies) as count_anomalies,
        min(first_at) as first_at,
        max(last_at) as last_at
    from pg_temp.removed_groups
    group by template_id;
    update log_templates as stored set
        count_logs = stored.count_logs - gone.count_logs,
        count_anomalies = stored.count_anomalies - gone.count_anomalies
    from pg_temp.removed_templates as gone
    where stored.template_id = gone.template_id;
    delete from log_templates where count_logs <= 0;
    perform resee_templates();

    -- The logs wait again.
    update ml_batches as stored set complete_until = gone.ingested_at
    from (select min(ingested_at) as ingested_at from pg_temp.removed_groups) as gone
    where
        stored.status = 'done'
        and coalesce(stored.complete_until, stored.started_at - interval '10 minutes') > gone.ingested_at;
    return null;
end
$$;

comment on function subtract_predictions() is
'Takes deleted predictions out of rollups and templates, and lets their logs wait again.';

create or replace trigger predictions_deleted after delete on ml_predictions
referencing old table as removed
for each statement execute function subtract_predictions();

create or replace trigger predictions_truncated after truncate on ml_predictions
for each statement execute function subtract_predictions();
