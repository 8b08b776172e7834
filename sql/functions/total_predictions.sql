-- Carry every change of prediction_hourly into prediction_daily and prediction_totals, in the same
-- transaction: whoever writes the hours (a batch, an import of rollups, a deletion), the totals are
-- their sums. Prune alone is exempt: hours that it forgets still count.
create or replace function total_predictions() returns trigger
language plpgsql
security definer
set search_path from current
as $$
declare
    changes text := case tg_op
        when 'INSERT' then 'select 1 as sign, * from added'
        when 'DELETE' then 'select -1 as sign, * from removed'
        else 'select 1 as sign, * from added union all select -1 as sign, * from removed'
    end;
    target text;
    keys text;
begin
    if tg_op = 'TRUNCATE' then
        delete from prediction_daily;
        delete from prediction_totals;
        return null;
    end if;
    if current_setting('logkiln.is_pruning', true) = 'on' then
        return null;
    end if;
    for target, keys in
        values
        ('prediction_daily', 'day, source, declared_level, predicted_level, severity, model_id'),
        ('prediction_totals', 'source, declared_level, predicted_level, severity, model_id')
    loop
        -- In the order of the key, so that two writers cannot wait for each other.
        execute format(
            'insert into %1$I as stored (%2$s, count_logs, count_anomalies, sum_confidence, sum_score)
            select
                %2$s, sum(sign * count_logs), sum(sign * count_anomalies),
                sum(sign * sum_confidence), sum(sign * sum_score)
            from (
                select *, (hour_at at time zone ''UTC'')::date as day from (%3$s) as changes
            ) as changed
            group by %2$s
            order by %2$s
            on conflict (%2$s) do update set
                count_logs = stored.count_logs + excluded.count_logs,
                count_anomalies = stored.count_anomalies + excluded.count_anomalies,
                sum_confidence = stored.sum_confidence + excluded.sum_confidence,
                sum_score = stored.sum_score + excluded.sum_score',
            target, keys, changes
        );
    end loop;
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
