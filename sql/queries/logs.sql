-- name: since
-- From when on logs are looked at. The default goes back to where earlier runs stopped, so that an
-- outage of days leaves no gap; what was there before the first run is for --all.
select
    case
        when %(reaches_back)s then least(%(since)s::timestamptz, nullif(scored_horizon(), '-infinity'))
        else %(since)s::timestamptz
    end::text as since;

-- name: window
-- How much there is to look at, and between which times of logs: bounds that spare the read below
-- the partitions outside of them. What was scored between them, by the rollup, tells which way of
-- joining is cheap.
with

logs as (
    select
        count(*) as count_logs,
        coalesce(min(logged_at), 'infinity') as first_logged_at,
        coalesce(max(logged_at), '-infinity') as last_logged_at
    from log_source
    where
        ingested_at >= %(since)s::timestamptz
        and ingested_at < %(until)s::timestamptz
        and (%(source)s::text is null or source = %(source)s)
)

select
    logs.count_logs,
    logs.first_logged_at::text as first_logged_at,
    logs.last_logged_at::text as last_logged_at,
    coalesce(sum(prediction_hourly.count_logs), 0)::bigint as count_scored
from logs
left join prediction_hourly
    on
        prediction_hourly.hour_at >= date_trunc('hour', logs.first_logged_at, 'UTC')
        and logs.last_logged_at >= prediction_hourly.hour_at
group by logs.count_logs, logs.first_logged_at, logs.last_logged_at;

-- name: past_ends
-- The hour in which these logs begin: what was logged before it is their past, none of them is. Those
-- of wrong clocks, earlier than the rest by more than the older half of it spans, must not make all
-- look as if there had been no past.
with

logs as (
    select logged_at
    from log_source
    where
        ingested_at >= %(since)s::timestamptz
        and ingested_at < %(until)s::timestamptz
        and (%(source)s::text is null or source = %(source)s)
        and logged_at >= '1990-01-01 00:00:00+00'
        and logged_at < '2100-01-01 00:00:00+00'
),

spread as (
    select percentile_disc(array[0.01, 0.5]) within group (order by logged_at) as quantiles
    from logs
)

select coalesce(date_trunc('hour', min(logs.logged_at), 'UTC'), '-infinity')::text as past_ends
from logs
cross join spread
where logs.logged_at >= spread.quantiles[1] - (spread.quantiles[2] - spread.quantiles[1]);

-- name: keep_order
-- Workers would hand rows out of order, and take the core that infers; a scan that joins another one
-- begins in the middle.
set local max_parallel_workers_per_gather = 0;
set local synchronize_seqscans = off;

-- name: join_by_hash
-- Few predictions to compare with: hash them once. A table that was just emptied looks small to the
-- planner, and a nested loop over it would read again and again what the writer adds meanwhile. In
-- memory, since a hash that spills hands logs out of their order: 4 bytes more a prediction in its index.
set local enable_nestloop = off;
set local work_mem = '64MB';

-- name: join_by_index
-- Many predictions to compare with: look each log up.
set local enable_hashjoin = off;
set local enable_mergejoin = off;
set local enable_seqscan = off;

-- name: unscored
-- Logs of the window without a prediction. A text is normalised by its first 4,000 bytes at most,
-- so that megabytes need not travel. Of a remainder the planner assumes that one log in 200 has it, and
-- would hash the logs instead of the predictions: they would come in no order.
copy (
    select
        logs.id,
        logs.logged_at,
        logs.source,
        logs.level,
        case when octet_length(logs.message) > 16000 then left(logs.message, 4000) else logs.message end as message
    from log_source as logs
    where
        logs.ingested_at >= %(since)s::timestamptz
        and logs.ingested_at < %(until)s::timestamptz
        and (%(source)s::text is null or logs.source = %(source)s)
        and (%(shards)s = 1 or mod(mod(logs.id, %(shards)s) + %(shards)s, %(shards)s) = %(shard)s - 1)
        and not exists (
            select from ml_predictions as scored
            where
                scored.log_entry_id = logs.id
                and scored.logged_at = logs.logged_at
                and scored.logged_at between %(first_logged_at)s::timestamptz and %(last_logged_at)s::timestamptz
        )
    limit %(most)s
) to stdout with binary;

-- name: scored_by_others
-- Logs of the window whose prediction another model made, to be scored again.
copy (
    select
        logs.id,
        logs.logged_at,
        logs.source,
        logs.level,
        case when octet_length(logs.message) > 16000 then left(logs.message, 4000) else logs.message end as message
    from log_source as logs
    inner join ml_predictions as scored
        on
            logs.id = scored.log_entry_id
            and logs.logged_at = scored.logged_at
            and scored.logged_at between %(first_logged_at)s::timestamptz and %(last_logged_at)s::timestamptz
    where
        logs.ingested_at >= %(since)s::timestamptz
        and logs.ingested_at < %(until)s::timestamptz
        and (%(source)s::text is null or logs.source = %(source)s)
        and (%(shards)s = 1 or mod(mod(logs.id, %(shards)s) + %(shards)s, %(shards)s) = %(shard)s - 1)
        and scored.model_id <> %(model_id)s
    limit %(most)s
) to stdout with binary;
