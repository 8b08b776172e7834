-- name: try_lock
-- One scorer per shard: held until this transaction ends, or its client dies.
select pg_try_advisory_xact_lock(hashtext('logkiln.batch'), hashtext(%(shard)s)) as is_ours;

-- name: keep_open
-- A provider's limit on idle or long transactions would take the lock away in the middle of a run, and
-- what was copied while the next logs are read.
select set_config(name, '0', true)
from pg_settings
where name in ('idle_in_transaction_session_timeout', 'transaction_timeout');

-- name: is_behind
-- Whether the views do not show one of the latest runs as it ended: it died before its refresh.
select count(*) > 0 as is_behind
from (
    select
        batch_id,
        status
    from ml_batches
    where status <> 'running'
    order by batch_id desc
    limit 100
) as ended
left join stats_batches using (batch_id)
where stats_batches.status is distinct from ended.status;

-- name: lock_writes
-- Alone with the rollups: waits for writers of other shards, and of a scorer that died just now.
select pg_advisory_xact_lock(hashtext('logkiln.writes'), 0);

-- name: share_writes
-- Writing rollups beside other shards, but never during a refresh.
select pg_advisory_xact_lock_shared(hashtext('logkiln.writes'), 0);

-- name: retire_other_champions
-- Models whose files were replaced.
update ml_models
set role = 'retired', retired_at = now()
where role = 'champion' and version <> %(version)s;

-- name: register_model
-- The model whose files are deployed is the champion.
insert into ml_models (version, role, manifest, promoted_at)
values (%(version)s, 'champion', %(manifest)s::jsonb, now())
on conflict (version) do update set
    role = 'champion', promoted_at = now(), retired_at = null
where ml_models.role <> 'champion';

-- name: model_id
-- The number of a model.
select model_id
from ml_models
where version = %(version)s;

-- name: close_interrupted
-- Runs of this shard that died: nobody else can be running, since we hold the lock.
update ml_batches
set status = 'interrupted', finished_at = now(), error = 'the scorer died; its chunks so far are kept'
where status = 'running' and shard = %(shard)s;

-- name: settled
-- Asked before the read: what arrived before this time, the read will see.
select settled_until()::text as settled;

-- name: open
-- Begin a run. Only one that takes whatever its window holds, and whose window begins where earlier
-- ones ended, leaves nothing behind it.
insert into ml_batches (shard, model_id, window_from, window_until, complete_until)
values (
    %(shard)s,
    %(model_id)s,
    %(since)s::timestamptz,
    %(until)s::timestamptz,
    case
        when %(is_whole)s and (%(since)s::timestamptz <= scored_horizon() or scored_horizon() = '-infinity')
            then least(%(until)s::timestamptz, %(settled)s::timestamptz)
        else '-infinity'
    end
)
returning batch_id;

-- name: ensure_partitions
-- Days that the logs of a chunk fall on.
select ensure_partitions(%(days)s::date[]);

-- name: partitions_ahead
-- Days that are about to come, made while nobody waits for them.
select ensure_partitions(
    array(select (now() at time zone 'UTC')::date + ahead from generate_series(0, 3) as days (ahead))
);

-- name: add_to_batch
-- Count a chunk into its run; fails when the run is no longer ours.
update ml_batches
set
    count_logs = count_logs + %(count_logs)s,
    count_anomalies = count_anomalies + %(count_anomalies)s,
    count_new_templates = count_new_templates + %(count_new_templates)s,
    count_set_aside = count_set_aside + %(count_set_aside)s,
    count_words = count_words + %(count_words)s,
    count_unseen_words = count_unseen_words + %(count_unseen_words)s,
    score_histogram = array(
        select coalesce(score_histogram[bin], 0) + (%(score_histogram)s::bigint[])[bin]
        from generate_series(1, 10) as bin
        order by bin
    )
where batch_id = %(batch_id)s and status = 'running';

-- name: close
-- The run is done; the views refreshed in the same transaction show it so.
update ml_batches
set
    status = 'done',
    finished_at = clock_timestamp(),
    set_aside = %(set_aside)s::jsonb,
    step_seconds = %(step_seconds)s::jsonb
where batch_id = %(batch_id)s;

-- name: note_seconds
-- Where the time went, once the refresh is in it.
update ml_batches
set step_seconds = %(step_seconds)s::jsonb
where batch_id = %(batch_id)s;

-- name: fail
-- The run failed; what its chunks wrote stays.
update ml_batches
set status = 'failed', finished_at = clock_timestamp(), error = %(error)s
where batch_id = %(batch_id)s and status = 'running';

-- name: row
-- A run as a row, for people and programs.
select
    batch_id,
    status,
    shard,
    model_id,
    window_from::text as window_from,
    window_until::text as window_until,
    started_at,
    finished_at,
    count_logs,
    count_anomalies,
    count_new_templates,
    count_set_aside,
    set_aside,
    step_seconds
from ml_batches
where batch_id = %(batch_id)s;

-- name: alerts
-- What a run wrote into the outbox, for its summary.
select
    coalesce(alert_rules.name, 'a rule that is gone') as rule,
    count(*) as count_alerts
from ml_alerts
left join alert_rules using (rule_id)
where ml_alerts.batch_id = %(batch_id)s
group by rule
order by count_alerts desc, rule asc;
