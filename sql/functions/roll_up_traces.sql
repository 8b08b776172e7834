-- Count the logs of batches that ended into their traces: each batch once, those that died too. A
-- refresh calls it. Without traces it costs a look into an index, see log_entries_traced.
create or replace function roll_up_traces() returns void
language plpgsql
security definer
set search_path from current
as $$
declare
    batch record;
    first_at timestamptz;
    last_at timestamptz;
begin
    for batch in
        update ml_batches
        set is_traced = true
        where not is_traced and status <> 'running'
        returning batch_id, window_from, window_until
    loop
        -- Planned for its times each time: of unknown ones the planner assumes a third of all logs. The
        -- bounds spare the planner the partitions outside of them, which grow by one a day.
        execute $bounds$
            select min(logged_at), max(logged_at)
            from log_source
            where trace_id is not null and ingested_at >= $1 and ingested_at < $2
        $bounds$ into first_at, last_at using
            coalesce(batch.window_from, '-infinity'), coalesce(batch.window_until, 'infinity');
        continue when first_at is null;
        execute $count$
            with

            scored as (
                select
                    case
                        when length(logs.trace_id) <= 200 then logs.trace_id
                        else left(logs.trace_id, 200) || '…' || md5(logs.trace_id)
                    end as trace_id,
                    predictions.template_id,
                    count(*) as count_logs,
                    count(*) filter (where predictions.is_anomaly) as count_anomalies,
                    min(predictions.logged_at) as first_logged_at,
                    max(predictions.logged_at) as last_logged_at
                from log_source as logs
                inner join ml_predictions as predictions
                    on logs.id = predictions.log_entry_id and logs.logged_at = predictions.logged_at
                where
                    logs.trace_id is not null
                    and logs.ingested_at >= $2
                    and logs.ingested_at < $3
                    and predictions.batch_id = $1
                    and predictions.logged_at between $4 and $5
                group by 1, 2
            ),

            of_traces as (
                insert into traces as stored (trace_id, first_logged_at, last_logged_at, count_logs)
                select trace_id, min(first_logged_at), max(last_logged_at), sum(count_logs)
                from scored
                group by trace_id
                order by trace_id
                on conflict (trace_id) do update set
                    first_logged_at = least(stored.first_logged_at, excluded.first_logged_at),
                    last_logged_at = greatest(stored.last_logged_at, excluded.last_logged_at),
                    count_logs = stored.count_logs + excluded.count_logs
            )

            insert into trace_templates as stored (
                trace_id, template_id, count_logs, count_anomalies, first_logged_at, last_logged_at
            )
            select trace_id, template_id, count_logs, count_anomalies, first_logged_at, last_logged_at
            from scored
            order by trace_id, template_id
            on conflict (trace_id, template_id) do update set
                count_logs = stored.count_logs + excluded.count_logs,
                count_anomalies = stored.count_anomalies + excluded.count_anomalies,
                first_logged_at = least(stored.first_logged_at, excluded.first_logged_at),
                last_logged_at = greatest(stored.last_logged_at, excluded.last_logged_at)
        $count$ using
            batch.batch_id, coalesce(batch.window_from, '-infinity'), coalesce(batch.window_until, 'infinity'),
            first_at, last_at;
    end loop;
end
$$;

comment on function roll_up_traces() is 'Counts the logs of batches that ended into their traces.';
