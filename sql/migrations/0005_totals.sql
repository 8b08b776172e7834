-- Totals of any size for the price of a few rows, and what a database administrator keeps an eye on.

-- Kept by a trigger on prediction_hourly, so that they are its sums whoever writes it.
create table prediction_daily (
    day date not null,
    source text not null,
    declared_level text not null,
    predicted_level log_level not null,
    severity log_severity not null,
    model_id smallint not null,
    count_logs bigint not null,
    count_anomalies bigint not null,
    sum_confidence double precision not null,
    sum_score double precision not null,
    primary key (day, source, declared_level, predicted_level, severity, model_id)
) with (fillfactor = 70);

comment on table prediction_daily is
'One row per day, source, declared level, predicted level, severity and model: prediction_hourly by day.';
comment on column prediction_daily.day is 'Day (UTC) of logged_at.';
comment on column prediction_daily.source is 'Program or service.';
comment on column prediction_daily.declared_level is 'Declared level as a log_level; empty where none.';
comment on column prediction_daily.predicted_level is 'Level by the model.';
comment on column prediction_daily.severity is 'Severity.';
comment on column prediction_daily.model_id is 'Model.';
comment on column prediction_daily.count_logs is 'Logs.';
comment on column prediction_daily.count_anomalies is 'Anomalous logs.';
comment on column prediction_daily.sum_confidence is 'Sum of level_confidence, for means.';
comment on column prediction_daily.sum_score is 'Sum of anomaly_score, for means.';

create table prediction_totals (
    source text not null,
    declared_level text not null,
    predicted_level log_level not null,
    severity log_severity not null,
    model_id smallint not null,
    count_logs bigint not null,
    count_anomalies bigint not null,
    sum_confidence double precision not null,
    sum_score double precision not null,
    primary key (source, declared_level, predicted_level, severity, model_id)
) with (fillfactor = 50);

comment on table prediction_totals is
'One row per source, declared level, predicted level, severity and model: all time, pruned days included.';
comment on column prediction_totals.source is 'Program or service.';
comment on column prediction_totals.declared_level is 'Declared level as a log_level; empty where none.';
comment on column prediction_totals.predicted_level is 'Level by the model.';
comment on column prediction_totals.severity is 'Severity.';
comment on column prediction_totals.model_id is 'Model.';
comment on column prediction_totals.count_logs is 'Logs ever scored, less those whose predictions were deleted.';
comment on column prediction_totals.count_anomalies is 'Those of them that are anomalous.';
comment on column prediction_totals.sum_confidence is 'Sum of level_confidence, for means.';
comment on column prediction_totals.sum_score is 'Sum of anomaly_score, for means.';

insert into prediction_daily
select
    (hour_at at time zone 'UTC')::date as day,
    source,
    declared_level,
    predicted_level,
    severity,
    model_id,
    sum(count_logs) as count_logs,
    sum(count_anomalies) as count_anomalies,
    sum(sum_confidence) as sum_confidence,
    sum(sum_score) as sum_score
from prediction_hourly
group by 1, 2, 3, 4, 5, 6;

insert into prediction_totals
select
    source,
    declared_level,
    predicted_level,
    severity,
    model_id,
    sum(count_logs) as count_logs,
    sum(count_anomalies) as count_anomalies,
    sum(sum_confidence) as sum_confidence,
    sum(sum_score) as sum_score
from prediction_hourly
group by 1, 2, 3, 4, 5;

create table ml_pruned (
    relation text not null,
    range_from timestamptz not null,
    range_until timestamptz not null,
    count_rows bigint not null,
    pruned_at timestamptz not null default now()
);

comment on table ml_pruned is
'One row per partition of predictions that prune dropped, or deletion of predictions whose logs are gone.';
comment on column ml_pruned.relation is 'ml_predictions or shadow_predictions.';
comment on column ml_pruned.range_from is 'Start of the times of its logs.';
comment on column ml_pruned.range_until is 'End of them, exclusive.';
comment on column ml_pruned.count_rows is 'Predictions that are gone and still count as scored.';
comment on column ml_pruned.pruned_at is 'When they went.';

create table ml_schedule (
    id smallint primary key default 1 check (id = 1),
    run_every interval not null,
    run_offset interval not null default '0',
    tolerance interval not null default '1 hour',
    -- date_bin takes no months, and no strides of zero.
    check (date_bin(run_every, timestamptz '2000-01-01 00:00:00+00', '2000-01-01 00:00:00+00') is not null)
);

insert into ml_schedule (run_every, run_offset) values ('6 hours', '23 minutes');

comment on table ml_schedule is 'One row: when batches are due. Nothing runs by it; lateness is measured against it.';
comment on column ml_schedule.id is 'Always 1.';
comment on column ml_schedule.run_every is 'Time from one batch to the next; no months.';
comment on column ml_schedule.run_offset is 'Time of the first one after midnight (UTC).';
comment on column ml_schedule.tolerance is 'A batch later than this is late.';

alter table ml_batches add complete_until timestamptz;
comment on column ml_batches.complete_until is
'Every log that arrived before was looked at; -infinity: only some were; null: a scorer that did not say.';

-- Kept here, since predictions are pruned and verdicts are not; see record_judged_prediction().
alter table ml_feedback add model_id smallint;
alter table ml_feedback add is_anomaly boolean;
update ml_feedback as feedback
set model_id = predictions.model_id, is_anomaly = predictions.is_anomaly
from ml_predictions as predictions
where feedback.log_entry_id = predictions.log_entry_id and feedback.logged_at = predictions.logged_at;
comment on column ml_feedback.model_id is 'Model that scored the log, when the verdict was given.';
comment on column ml_feedback.is_anomaly is 'Whether it called the log anomalous.';

alter table ml_feedback add revoked_by text;
comment on column ml_feedback.revoked_by is 'Who took it back.';
alter table ml_mutes add revoked_by text;
comment on column ml_mutes.revoked_by is 'Who took it back.';
create index ml_mutes_template on ml_mutes (template_id, muted_until);
create index ml_feedback_log on ml_feedback (log_entry_id);
