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

-- name: known_templates
-- What was seen of some templates before a time; of all time the count is at hand, however long the
-- past is.
with

wanted as (
    select
        template_id,
        first_seen_at,
        count_logs
    from log_templates
    where template_id = any(%(template_ids)s::bigint[])
),

earlier as (
    select
        template_id,
        sum(count_logs)::bigint as count_logs
    from template_hourly
    where
        template_id = any(%(template_ids)s::bigint[])
        and hour_at < %(before)s::timestamptz
        and %(before)s::timestamptz < 'infinity'
    group by template_id
),

known as (
    select
        template_id,
        count_logs
    from wanted
    where %(before)s::timestamptz = 'infinity'
    union all
    select
        template_id,
        count_logs
    from earlier
)

select
    template_id,
    extract(epoch from least(greatest(wanted.first_seen_at, '1900-01-01'), '2200-01-01'))
    ::double precision as first_seen_epoch,
    known.count_logs
from wanted
inner join known using (template_id)
where known.count_logs > 0;

-- name: known_sources
-- Logs of some sources that were scored before a time, and when the first of all came.
with

known as (
    select
        source,
        count_logs
    from prediction_totals
    where source = any(%(sources)s::text[]) and %(before)s::timestamptz = 'infinity'
    union all
    select
        source,
        count_logs
    from prediction_hourly
    where
        source = any(%(sources)s::text[])
        and hour_at < %(before)s::timestamptz
        and %(before)s::timestamptz < 'infinity'
)

select
    source,
    sum(count_logs)::bigint as count_logs,
    extract(
        epoch from (
            select least(greatest(min(log_templates.first_seen_at), '1900-01-01'), '2200-01-01')
            from log_templates
            where log_templates.source = known.source
        )
    )::double precision as first_seen_epoch
from known
group by source;

-- name: feedback
-- What people said of templates, the latest word on each.
select distinct on (template_id)
    template_id,
    verdict
from ml_feedback
where revoked_at is null
order by template_id asc, created_at desc;

-- name: stage_keys
-- Logs of this chunk that are scored again.
create temporary table staged_logs (log_entry_id bigint, logged_at timestamptz) on commit drop;

-- name: copy_keys
-- Fill it.
copy staged_logs from stdin with binary;

-- name: delete_predictions
-- Their old predictions go; a trigger takes them out of templates and rollups.
delete from ml_predictions as scored
using staged_logs
where
    scored.log_entry_id = staged_logs.log_entry_id
    and scored.logged_at = staged_logs.logged_at;

-- name: copy_predictions
-- The one way in which predictions come in.
copy ml_predictions (
    log_entry_id,
    logged_at,
    template_id,
    predicted_at,
    predicted_level,
    level_confidence,
    anomaly_score,
    severity,
    batch_id,
    model_id,
    is_anomaly,
    reasons
) from stdin with binary;

-- name: create_staging
-- Groups of this chunk: logs of one unit in one hour, which share a verdict.
create temporary table staged_groups (
    template_id bigint,
    normalizer_version smallint,
    source text,
    text text,
    declared_level text,
    hour_at timestamptz,
    predicted_level log_level,
    level_confidence real,
    anomaly_score real,
    severity log_severity,
    is_anomaly boolean,
    reasons text,
    model_id smallint,
    count_logs bigint,
    first_at timestamptz,
    last_at timestamptz,
    example_log_entry_id bigint,
    example_logged_at timestamptz
) on commit drop;

-- name: copy_groups
-- Fill it.
copy staged_groups from stdin with binary;

-- name: upsert_templates
-- In the order of the key, here and below, so that two shards cannot wait for each other.
with upserted as (
    insert into log_templates as stored (
        template_id,
        normalizer_version,
        source,
        text,
        first_seen_at,
        last_seen_at,
        count_logs,
        count_anomalies,
        predicted_level,
        level_confidence,
        example_log_entry_id,
        example_logged_at
    )
    select
        template_id,
        min(normalizer_version),
        min(source),
        min(text),
        min(first_at),
        max(last_at),
        sum(count_logs),
        coalesce(sum(count_logs) filter (where is_anomaly), 0),
        min(predicted_level),
        min(level_confidence),
        (array_agg(example_log_entry_id order by example_logged_at desc, example_log_entry_id desc))[1],
        max(example_logged_at)
    from staged_groups
    group by template_id
    order by template_id
    on conflict (template_id) do update
        set
            first_seen_at = least(stored.first_seen_at, excluded.first_seen_at),
            last_seen_at = greatest(stored.last_seen_at, excluded.last_seen_at),
            count_logs = stored.count_logs + excluded.count_logs,
            count_anomalies = stored.count_anomalies + excluded.count_anomalies,
            predicted_level = excluded.predicted_level,
            level_confidence = excluded.level_confidence,
            example_log_entry_id = excluded.example_log_entry_id,
            example_logged_at = excluded.example_logged_at
    returning stored.xmax = 0 as is_new
)

select count(*) filter (where is_new) as count_new from upserted;

-- name: upsert_template_hourly
-- Rollup by template and hour.
insert into template_hourly as stored (template_id, hour_at, count_logs, count_anomalies)
select
    template_id,
    hour_at,
    sum(count_logs),
    coalesce(sum(count_logs) filter (where is_anomaly), 0)
from staged_groups
group by template_id, hour_at
order by template_id, hour_at
on conflict (template_id, hour_at) do update set
    count_logs = stored.count_logs + excluded.count_logs,
    count_anomalies = stored.count_anomalies + excluded.count_anomalies;

-- name: upsert_prediction_hourly
-- Rollup by hour, source, levels, severity and model.
insert into prediction_hourly as stored (
    hour_at,
    source,
    declared_level,
    predicted_level,
    severity,
    model_id,
    count_logs,
    count_anomalies,
    sum_confidence,
    sum_score
)
select
    hour_at,
    source,
    declared_level,
    predicted_level,
    severity,
    model_id,
    sum(count_logs),
    coalesce(sum(count_logs) filter (where is_anomaly), 0),
    sum(count_logs * level_confidence),
    sum(count_logs * anomaly_score)
from staged_groups
group by hour_at, source, declared_level, predicted_level, severity, model_id
order by hour_at, source, declared_level, predicted_level, severity, model_id
on conflict (hour_at, source, declared_level, predicted_level, severity, model_id) do update set
    count_logs = stored.count_logs + excluded.count_logs,
    count_anomalies = stored.count_anomalies + excluded.count_anomalies,
    sum_confidence = stored.sum_confidence + excluded.sum_confidence,
    sum_score = stored.sum_score + excluded.sum_score;

-- name: upsert_template_levels
-- Rollup by template, declared and predicted level.
insert into template_levels as stored (
    template_id, declared_level, predicted_level, count_logs, sum_confidence
)
select
    template_id,
    declared_level,
    predicted_level,
    sum(count_logs),
    sum(count_logs * level_confidence)
from staged_groups
group by template_id, declared_level, predicted_level
order by template_id, declared_level, predicted_level
on conflict (template_id, declared_level, predicted_level) do update set
    count_logs = stored.count_logs + excluded.count_logs,
    sum_confidence = stored.sum_confidence + excluded.sum_confidence;

-- name: insert_alerts in alert_rules.told_once
-- What the rules find worth telling in a chunk, by template and day.
with

candidates as (
    select
        rules.rule_id,
        rules.kind,
        rules.channel,
        staged_groups.template_id,
        staged_groups.source,
        staged_groups.severity,
        staged_groups.count_logs,
        staged_groups.first_at,
        staged_groups.example_log_entry_id,
        staged_groups.example_logged_at,
        staged_groups.reasons
    from alert_rules as rules
    inner join staged_groups
        on
            rules.severity <= staged_groups.severity
            and rules.min_level <= staged_groups.predicted_level
            and (rules.kind <> 'anomaly' or staged_groups.is_anomaly)
            and (rules.source is null or rules.source = staged_groups.source)
            and (rules.template_id is null or rules.template_id = staged_groups.template_id)
    where
        rules.is_enabled
        and rules.kind in ('anomaly', 'occurrence', 'new_template')
        and not exists (
            select from ml_mutes as mutes
            where
                mutes.revoked_at is null
                and mutes.muted_until > now()
                and (mutes.source is null or mutes.source = staged_groups.source)
                and (mutes.template_id is null or mutes.template_id = staged_groups.template_id)
        )
),

-- Of these, all logs there ever were came with this chunk. A rehearsal counts none into templates.
new_templates as materialized (
    select
        staged.template_id,
        staged.source,
        staged.first_seen_at
    from (
        select
            template_id,
            min(source) as source,
            min(first_at) as first_seen_at,
            sum(count_logs) as count_logs
        from staged_groups
        where
            template_id in (
                select candidates.template_id from candidates
                where candidates.kind = 'new_template'
            )
        group by template_id
    ) as staged
    left join log_templates using (template_id)
    where log_templates.count_logs is not distinct from case when %(are_counted)s then staged.count_logs end
),

beginnings as materialized (
    select
        staged_groups.source,
        least(
            min(staged_groups.first_at),
            (
                select min(log_templates.first_seen_at)
                from log_templates
                where log_templates.source = staged_groups.source
            )
        ) as began_at
    from staged_groups
    where staged_groups.source in (select new_templates.source from new_templates)
    group by staged_groups.source
),

-- Of a source that only begins, every pattern is new.
news as materialized (
    select new_templates.template_id
    from new_templates
    inner join beginnings using (source)
    where new_templates.first_seen_at > beginnings.began_at + interval '1 day'
)

select distinct on (fingerprint)
    concat_ws('@', template_id || ':' || (first_at at time zone 'UTC')::date, channel) as fingerprint,
    rule_id,
    severity,
    source,
    template_id,
    count_logs,
    first_at as first_logged_at,
    example_log_entry_id,
    example_logged_at,
    concat_ws(E'\n', case when kind = 'new_template' then 'a new pattern of ' || source end, nullif(reasons, ''))
        as reasons
from candidates
where kind <> 'new_template' or template_id in (select news.template_id from news)
order by fingerprint asc, rule_id asc, severity desc, first_at asc;

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

-- name: anomalies_by_source
-- What a run found worth telling, for its summary.
select
    severity,
    source,
    sum(count_logs)::bigint as count_logs
from ml_alerts
where batch_id = %(batch_id)s
group by severity, source
order by severity desc, count_logs desc
limit 20;
