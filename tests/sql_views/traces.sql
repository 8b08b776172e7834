-- name: make_traces
-- Requests of two kinds, each of three or four logs that share a trace: a kind's first log says which.
-- The last few of each kind go wrong: one lacks its end, one is tried twice, one meets an error.
insert into log_entries (logged_at, source, level, message, trace_id)
select
    now() - interval '1 hour' + number * interval '1 second' + step * interval '10 milliseconds',
    'shop',
    'info',
    case step
        when 0 then case number %% 2 when 0 then 'order received' else 'search received' end
        when 1 then case number %% 2 when 0 then 'payment taken' else 'index read' end
        when 2 then 'answer sent'
        else 'cache missed'
    end,
    'trace ' || number
from generate_series(1, %(count)s::bigint) as number
cross join generate_series(0, 3) as step
where
    -- Now this often, now that: it says nothing.
    (step < 3 or number %% 3 = 0)
    and not (step = 2 and number = %(lacking)s)
union all
select now() - interval '1 hour' + %(twice)s * interval '1 second' + interval '1 second', 'shop', 'info',
    'payment taken', 'trace ' || %(twice)s
union all
select now() - interval '1 hour' + %(failing)s * interval '1 second' + interval '1 second', 'shop', 'info',
    'connection lost', 'trace ' || %(failing)s;

-- name: anomalous_traces
-- What the view says of traces.
select
    trace_id,
    count_deviations,
    anomaly_score,
    reasons
from stats_traces
where is_anomaly
order by trace_id;

-- name: traces_recounted
-- Where traces, and what the view shows of them, differ from a recount of the predictions.
with

counted as (
    select
        case
            when length(logs.trace_id) <= 200 then logs.trace_id
            else left(logs.trace_id, 200) || '…' || md5(logs.trace_id)
        end as trace_id,
        predictions.template_id,
        count(*) as count_logs,
        count(*) filter (where predictions.is_anomaly) as count_anomalies
    from ml_predictions as predictions
    inner join log_source as logs
        on predictions.log_entry_id = logs.id and predictions.logged_at = logs.logged_at
    where logs.trace_id is not null
    group by 1, 2
),

kept as (
    select trace_id, template_id, count_logs, count_anomalies
    from trace_templates
),

differing as (
    (select * from counted except select * from kept)
    union all
    (select * from kept except select * from counted)
)

select trace_id, template_id::text from differing
union all
select trace_id, 'sum'
from (
    select trace_id, sum(count_logs) as count_logs
    from counted
    group by trace_id
) as totals
full join traces as stored using (trace_id)
full join stats_traces as shown using (trace_id)
where
    stored.count_logs is distinct from totals.count_logs
    or shown.count_logs is distinct from totals.count_logs;

-- name: give_traces
-- Logs get a trace, some a strange one.
update log_entries
set trace_id = case id %% 50
    when 0 then null
    when 1 then repeat('long ', 100000)
    when 2 then ''
    when 3 then e'<b>\x1b[31m'';drop table traces'
    else 'trace ' || id / 7
end;

-- name: count_traces
-- Traces that are known.
select count(*) from traces;

-- name: not_traced_yet
-- As after a scorer that died before its refresh: the latest batch is in no trace.
with batch as (
    update ml_batches
    set is_traced = false, status = 'interrupted'
    where batch_id = (select max(batch_id) from ml_batches)
)
delete from traces;
