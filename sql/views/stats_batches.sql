-- What the scorer did lately, and where its time went.
drop materialized view if exists stats_batches;
create materialized view stats_batches as
select
    ml_batches.batch_id,
    ml_batches.status,
    ml_batches.shard,
    ml_batches.started_at,
    ml_batches.finished_at,
    extract(epoch from ml_batches.finished_at - ml_batches.started_at)::double precision as seconds,
    ml_batches.count_logs,
    ml_batches.count_anomalies,
    ml_batches.count_new_templates,
    ml_batches.count_set_aside,
    ml_batches.count_alerts_left_out,
    ml_batches.step_seconds,
    ml_models.version as model_version,
    ml_batches.error
from ml_batches
inner join ml_models using (model_id)
order by ml_batches.batch_id desc
limit 1000;

create unique index stats_batches_key on stats_batches (batch_id);

comment on materialized view stats_batches is 'One row per batch, the latest thousand.';
comment on column stats_batches.batch_id is 'Batch.';
comment on column stats_batches.status is 'running, done, failed or interrupted.';
comment on column stats_batches.shard is 'Share of the logs that it took.';
comment on column stats_batches.started_at is 'Start.';
comment on column stats_batches.finished_at is 'End.';
comment on column stats_batches.seconds is 'Seconds in all.';
comment on column stats_batches.count_logs is 'Logs scored.';
comment on column stats_batches.count_anomalies is 'Anomalous ones.';
comment on column stats_batches.count_new_templates is 'Templates seen first.';
comment on column stats_batches.count_set_aside is 'Logs scored under a substitute.';
comment on column stats_batches.count_alerts_left_out is
'What it found worth telling beyond the hundred alerts that a rule may keep of a batch: counted only.';
comment on column stats_batches.step_seconds is 'Step to seconds; steps overlap.';
comment on column stats_batches.model_version is 'Model that scored.';
comment on column stats_batches.error is 'Why it failed, if it did.';
