-- Carry every change of prediction_hourly into prediction_daily and prediction_totals, in the same
-- transaction: whoever writes the hours (a batch, an import of rollups, a deletion), the totals are
-- their sums. Prune alone is exempt: hours that it forgets still count.
create or replace function total_predictions() returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
    if tg_op = 'TRUNCATE' then
        delete from prediction_daily;
        delete from prediction_totals;
        return null;
    end if;
    if tg_op in ('INSERT', 'UPDATE') then
        insert into prediction_daily as stored
        select
            (hour_at at time zone 'UTC')::date, source, declared_level, predicted_level, severity, model_id,
            sum(count_logs), sum(count_anomalies), sum(sum_confidence), sum(sum_score)
        from added
        group by 1, 2, 3, 4, 5, 6
        -- In the order of the key, here and below, so that two writers cannot wait for each other.
        order by 1, 2, 3, 4, 5, 6
        on conflict (day, source, declared_level, predicted_level, severity, model_id) do update set
            count_logs = stored.count_logs + excluded.count_logs,
            count_anomalies = stored.count_anomalies + excluded.count_anomalies,
            sum_confidence = stored.sum_confidence + excluded.sum_confidence,
            sum_score = stored.sum_score + excluded.sum_score;
        insert into prediction_totals as stored
        select
            source, declared_level, predicted_level, severity, model_id,
            sum(count_logs), sum(count_anomalies), sum(sum_confidence), sum(sum_score)
        from added
        group by 1, 2, 3, 4, 5
        order by 1, 2, 3, 4, 5
        on conflict (source, declared_level, predicted_level, severity, model_id) do update set
            count_logs = stored.count_logs + excluded.count_logs,
            count_anomalies = stored.count_anomalies + excluded.count_anomalies,
            sum_confidence = stored.sum_confidence + excluded.sum_confidence,
            sum_score = stored.sum_score + excluded.sum_score;
    end if;
    if tg_op in ('UPDATE', 'DELETE') and current_setting('logkiln.is_pruning', true) is distinct from 'on' then
        update prediction_daily as stored set
            count_logs = stored.count_logs - gone.count_logs,
            count_anomalies = stored.count_anomalies - gone.count_anomalies,
            sum_confidence = stored.sum_confidence - gone.sum_confidence,
            sum_score = stored.sum_score - gone.sum_score
        from (
            select
                (hour_at at time zone 'UTC')::date as day,
                source, declared_level, predicted_level, severity, model_id,
                sum(count_logs) as count_logs, sum(count_anomalies) as count_anomalies,
                sum(sum_confidence) as sum_confidence, sum(sum_score) as sum_score
            from removed
            group by 1, 2, 3, 4, 5, 6
        ) as gone
        where
            (stored.day, stored.source, stored.declared_level, stored.predicted_level, stored.severity)
            = (gone.day, gone.source, gone.declared_level, gone.predicted_level, gone.severity)
            and stored.model_id = gone.model_id;
        update prediction_totals as stored set
            count_logs = stored.count_logs - gone.count_logs,
            count_anomalies = stored.count_anomalies - gone.count_anomalies,
            sum_confidence = stored.sum_confidence - gone.sum_confidence,
            sum_score = stored.sum_score - gone.sum_score
        from (
            select
                source, declared_level, predicted_level, severity, model_id,
                sum(count_logs) as count_logs, sum(count_anomalies) as count_anomalies,
                sum(sum_confidence) as sum_confidence, sum(sum_score) as sum_score
            from removed
            group by 1, 2, 3, 4, 5
        ) as gone
        where
            (stored.source, stored.declared_level, stored.predicted_level, stored.severity, stored.model_id)
            = (gone.source, gone.declared_level, gone.predicted_level, gone.severity, gone.model_id);
    end if;
    if tg_op = 'DELETE' then
        delete from prediction_daily where count_logs = 0;
        delete from prediction_totals where count_logs = 0;
    end if;
    return null;
end
$$;

comment on function total_predictions() is 'Keeps prediction_daily and prediction_totals as sums of prediction_hourly.';

create or replace trigger total_inserted after insert on prediction_hourly
referencing new table as added
for each statement execute function total_predictions();

create or replace trigger total_updated after update on prediction_hourly
referencing old table as removed new table as added
for each statement execute function total_predictions();

create or replace trigger total_deleted after delete on prediction_hourly
referencing old table as removed
for each statement execute function total_predictions();

create or replace trigger total_truncated after truncate on prediction_hourly
for each statement execute function total_predictions();
