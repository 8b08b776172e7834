-- Take deleted predictions out of traces, as subtract_predictions() does out of rollups. A trace that
-- keeps a log keeps its times.
create or replace function subtract_traces() returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
    if tg_op = 'TRUNCATE' then
        delete from traces;
        return null;
    end if;
    if not exists (select from traces) then
        return null;
    end if;
    drop table if exists removed_traces;
    create temporary table removed_traces on commit drop as
    select
        case
            when length(logs.trace_id) <= 200 then logs.trace_id
            else left(logs.trace_id, 200) || '…' || md5(logs.trace_id)
        end as trace_id,
        removed.template_id,
        count(*) as count_logs,
        count(*) filter (where removed.is_anomaly) as count_anomalies
    from removed
    left join ml_batches using (batch_id)
    inner join log_source as logs on removed.log_entry_id = logs.id and removed.logged_at = logs.logged_at
    -- Of batches, prune forgets those alone whose logs are counted.
    where ml_batches.is_traced is not false and logs.trace_id is not null
    group by 1, 2;

    update trace_templates as stored set
        count_logs = stored.count_logs - gone.count_logs,
        count_anomalies = stored.count_anomalies - gone.count_anomalies
    from removed_traces as gone
    where stored.trace_id = gone.trace_id and stored.template_id = gone.template_id;
    delete from trace_templates as stored
    using removed_traces as gone
    where stored.trace_id = gone.trace_id and stored.template_id = gone.template_id and stored.count_logs <= 0;
    update traces as stored set count_logs = stored.count_logs - gone.count_logs
    from (
        select trace_id, sum(count_logs) as count_logs
        from removed_traces
        group by trace_id
    ) as gone
    where stored.trace_id = gone.trace_id;
    delete from traces as stored
    using removed_traces as gone
    where stored.trace_id = gone.trace_id and stored.count_logs <= 0;
    return null;
end
$$;

comment on function subtract_traces() is 'Takes deleted predictions out of traces.';

create or replace trigger traces_deleted after delete on ml_predictions
referencing old table as removed
for each statement execute function subtract_traces();

create or replace trigger traces_truncated after truncate on ml_predictions
for each statement execute function subtract_traces();
