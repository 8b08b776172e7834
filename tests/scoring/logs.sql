-- name: make_logs
-- Logs of five programs in some forty patterns, spread over the last two days: plain words, fresh
-- numbers, ids and addresses. `first` makes those of a second call others. A third is of few traces, which
-- go on from one call to the next.
insert into log_entries (logged_at, source, level, message, trace_id)
select
    now() - (number * 7919 %% 172800) * interval '1 second' as logged_at,
    (array['shop', 'payments', 'nginx', 'postgresql', 'worker'])[1 + number %% 5] as source,
    case number %% 7 when 0 then null when 1 then 'warning' when 2 then 'ERROR' else 'info' end as level,
    case number %% 8
        when 0 then 'request took ' || number || ' ms for 10.0.0.' || number %% 256
        when 1 then 'order ' || md5(number::text) || ' paid'
        when 2 then 'connection to db-' || number %% 9 || ' refused after ' || number %% 60 || ' s'
        when 3 then 'wrote /var/lib/data/' || number || '.tmp'
        when 4 then 'user "u' || number || '" logged in'
        when 5 then 'cannot allocate memory: ' || number || ' bytes'
        when 6 then 'checkpoint complete: wrote ' || number %% 900 || ' buffers'
        else 'GET /items/' || number || ' HTTP/1.1 ' || (array[200, 404, 500])[1 + number %% 3]
    end as message,
    case number %% 3 when 0 then 'job ' || number %% 97 end as trace_id
from generate_series(%(first)s::bigint, %(first)s::bigint + %(count)s::bigint - 1) as number;

-- name: add_logs
-- Logs as given: a list of objects; what is left out has its default.
insert into log_entries (id, logged_at, source, level, message, ingested_at)
select
    coalesce(given.id, nextval(pg_get_serial_sequence('log_entries', 'id'))),
    coalesce(given.logged_at, now()),
    coalesce(given.source, 'app'),
    given.level,
    coalesce(given.message, 'hello'),
    coalesce(given.ingested_at, now())
from jsonb_to_recordset(%(logs)s::jsonb) as given (
    id bigint, logged_at timestamptz, source text, level text, message text, ingested_at timestamptz
);

-- name: unpredicted
-- Logs that have no prediction, and predictions that are not of any log, and logs with several.
select
    'log ' || logs.id || ' has ' || count(scored.log_entry_id) || ' predictions' as said
from log_source as logs
left join ml_predictions as scored on logs.id = scored.log_entry_id
group by logs.id
having count(scored.log_entry_id) <> 1;

-- name: orphans
-- Predictions that are of no log.
select count(*) as count_orphans
from ml_predictions as scored
left join log_source as logs on scored.log_entry_id = logs.id and scored.logged_at = logs.logged_at
where logs.id is null;

-- name: scored
-- What was predicted, in the order of the logs.
select
    scored.log_entry_id as id,
    scored.logged_at::text as logged_at,
    log_templates.source,
    log_templates.text,
    scored.predicted_level,
    scored.anomaly_score,
    scored.is_anomaly,
    scored.severity,
    scored.reasons,
    scored.batch_id
from ml_predictions as scored
inner join log_templates using (template_id)
order by scored.log_entry_id;

-- name: latest_arrival
-- What comes from now on is later.
select clock_timestamp()::text as latest_arrival;

-- name: written
-- Rows of what a batch writes.
select
    (select count(*) from ml_predictions) as count_predictions,
    (select count(*) from ml_batches) as count_batches,
    (select count(*) from ml_models) as count_models,
    (select count(*) from log_templates) as count_templates,
    (select count(*) from prediction_hourly) as count_hours,
    (select count(*) from ml_alerts) as count_alerts;

-- name: batches
-- All runs.
select
    batch_id,
    status,
    shard,
    count_logs,
    count_anomalies,
    count_new_templates,
    error
from ml_batches
order by batch_id;

-- name: levels_as_written
-- Every level that a program declared, word for word.
select distinct level
from log_source
where level is not null;

-- name: predictions_out
-- Every column of every prediction but its time, in the form in which they came in.
copy (
    select
        log_entry_id,
        logged_at,
        template_id,
        predicted_level,
        level_confidence,
        anomaly_score,
        severity,
        batch_id,
        model_id,
        is_anomaly,
        reasons
    from ml_predictions
) to stdout with binary;

-- name: groups_out
-- What was staged for the rollups.
copy staged_groups to stdout with binary;

-- name: registered
-- Models with the logs that each scored.
select
    ml_models.model_id,
    ml_models.version,
    ml_models.role,
    (select count(*) from ml_predictions where ml_predictions.model_id = ml_models.model_id) as count_logs
from ml_models
order by ml_models.model_id;

-- name: rewrite
-- Somebody edits a log.
update log_entries set level = 'FATAL', message = 'everything is on fire';

-- name: delete_half
-- Somebody tidies up.
delete from log_entries where id %% 2 = 0;

-- name: drop_february
-- Somebody drops a partition of predictions.
drop table ml_predictions_200102;

-- name: count_waiting_scorers
-- Connections of scorers that wait for a lock.
select count(*)
from pg_stat_activity
where
    datname = current_database()
    and application_name like 'logkiln %%'
    and wait_event_type = 'Lock';

-- name: models
-- Every model, in the order in which it was first used.
select role
from ml_models
order by model_id;

-- name: give_feedback
-- Somebody judges every template of a source.
insert into ml_feedback (template_id, verdict, created_by)
select
    template_id,
    %(verdict)s,
    'a test'
from log_templates;

-- name: revoke_feedback
-- And takes it back.
update ml_feedback
set revoked_at = now()
where revoked_at is null;

-- name: set_for_all
-- A setting that every new session on this database gets.
select set_config('logkiln.name', %(name)s, true), set_config('logkiln.value', %(value)s, true);
do $$
begin
    execute format(
        'alter database %%I set %%I = %%L',
        current_database(), current_setting('logkiln.name'), current_setting('logkiln.value')
    );
end
$$;

-- name: adapt_nulls
-- An adapter over a table that holds less than ours.
create or replace view log_source as
select
    id,
    logged_at,
    ingested_at,
    null::text as source,
    level,
    null::text as message,
    null::text as trace_id
from log_entries;

-- name: adapt_without_time
-- An adapter whose table leaves times out.
create or replace view log_source as
select
    id,
    case when mod(id, 2) = 0 then logged_at end as logged_at,
    ingested_at,
    source,
    level,
    message,
    trace_id
from log_entries;

-- name: adapt_twice
-- An adapter that gives two logs one id.
create or replace view log_source as
select
    id / 2 as id,
    timestamptz '2026-01-02 03:04:05Z' as logged_at,
    ingested_at,
    source,
    level,
    message,
    trace_id
from log_entries;

-- name: horizon
-- From when on logs may wait.
select scored_horizon()::text as horizon;

-- name: move_horizon
-- As if the last run had been so many hours ago.
update ml_batches
set
    started_at = now() - make_interval(hours => %(hours)s),
    finished_at = now() - make_interval(hours => %(hours)s),
    complete_until = now() - make_interval(hours => %(hours)s);

-- name: told
-- What the outbox tells of logs, as a rehearsal says it.
select
    alert_rules.name as rule,
    ml_alerts.severity,
    ml_alerts.source,
    log_templates.text as template,
    ml_alerts.count_logs,
    ml_alerts.first_logged_at::text as first_logged_at,
    string_to_array(ml_alerts.reasons, E'\n') as reasons
from ml_alerts
inner join alert_rules using (rule_id)
inner join log_templates on ml_alerts.template_id = log_templates.template_id
where alert_rules.kind in ('anomaly', 'occurrence', 'new_template')
order by
    ml_alerts.severity desc,
    ml_alerts.count_logs desc,
    ml_alerts.first_logged_at desc,
    ml_alerts.fingerprint asc;

-- name: anomalies_of_the_latest_batch
-- As the predictions have them.
select
    severity::text,
    source,
    count(*) as count_logs
from ml_predictions
inner join log_templates using (template_id)
where is_anomaly and batch_id = (select max(batch_id) from ml_batches)
group by severity, source;

-- name: have_one_rule
-- Instead of those that an installation begins with.
with disabled as (
    update alert_rules set is_enabled = false
)

insert into alert_rules (name, kind, severity) values ('ours', %(kind)s, 'low');

-- name: forget_scores
-- As it was before the first run: triggers empty the rollups; the logs stay.
truncate ml_predictions, ml_batches cascade;
