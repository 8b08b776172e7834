-- Templates and rollups: written in the transaction of the predictions, read by every view.
-- Every batch updates many of their rows; room in the page keeps an update from touching indexes.

create table log_templates (
    template_id bigint primary key,
    normalizer_version smallint not null,
    source text not null,
    text text not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    count_logs bigint not null,
    count_anomalies bigint not null,
    predicted_level log_level not null,
    level_confidence real not null,
    example_log_entry_id bigint not null,
    example_logged_at timestamptz not null
) with (fillfactor = 60);

create index log_templates_first_seen_at on log_templates (first_seen_at);
create index log_templates_source on log_templates (source);

comment on table log_templates is 'One row per distinct normalised text of a source.';
comment on column log_templates.template_id is '64-bit hash of normaliser version, source and text.';
comment on column log_templates.normalizer_version is 'Version of the normaliser that made the text.';
comment on column log_templates.source is 'Program or service.';
comment on column log_templates.text is 'Normalised text: numbers, ids and addresses masked.';
comment on column log_templates.first_seen_at is 'Earliest logged_at of its logs.';
comment on column log_templates.last_seen_at is 'Latest logged_at of its logs.';
comment on column log_templates.count_logs is 'Logs ever scored with it.';
comment on column log_templates.count_anomalies is 'Those of them that were anomalous.';
comment on column log_templates.predicted_level is 'Level that the last batch predicted for the text.';
comment on column log_templates.level_confidence is 'Its probability, 0 to 1.';
comment on column log_templates.example_log_entry_id is 'A log of this template: the latest when last written.';
comment on column log_templates.example_logged_at is 'Time of that log.';

create table template_hourly (
    template_id bigint not null,
    hour_at timestamptz not null,
    count_logs bigint not null,
    count_anomalies bigint not null,
    primary key (template_id, hour_at)
) with (fillfactor = 60);

create index template_hourly_hour_at on template_hourly (hour_at);

comment on table template_hourly is 'One row per template and hour in which it occurred.';
comment on column template_hourly.template_id is 'Template.';
comment on column template_hourly.hour_at is 'Start of the hour (UTC) of logged_at.';
comment on column template_hourly.count_logs is 'Logs of the template in that hour.';
comment on column template_hourly.count_anomalies is 'Those of them that were anomalous.';

create table prediction_hourly (
    hour_at timestamptz not null,
    source text not null,
    declared_level text not null,
    predicted_level log_level not null,
    severity log_severity not null,
    model_id smallint not null,
    count_logs bigint not null,
    count_anomalies bigint not null,
    sum_confidence double precision not null,
    sum_score double precision not null,
    primary key (hour_at, source, declared_level, predicted_level, severity, model_id)
) with (fillfactor = 60);

comment on table prediction_hourly is
'One row per hour, source, declared level, predicted level, severity and model.';
comment on column prediction_hourly.hour_at is 'Start of the hour (UTC) of logged_at.';
comment on column prediction_hourly.source is 'Program or service.';
comment on column prediction_hourly.declared_level is 'Declared level as a log_level; empty where none.';
comment on column prediction_hourly.predicted_level is 'Level by the model.';
comment on column prediction_hourly.severity is 'Severity.';
comment on column prediction_hourly.model_id is 'Model.';
comment on column prediction_hourly.count_logs is 'Logs.';
comment on column prediction_hourly.count_anomalies is 'Anomalous logs.';
comment on column prediction_hourly.sum_confidence is 'Sum of level_confidence, for means.';
comment on column prediction_hourly.sum_score is 'Sum of anomaly_score, for means.';

create table template_levels (
    template_id bigint not null,
    declared_level text not null,
    predicted_level log_level not null,
    count_logs bigint not null,
    sum_confidence double precision not null,
    primary key (template_id, declared_level, predicted_level)
) with (fillfactor = 60);

comment on table template_levels is 'One row per template, declared level and predicted level.';
comment on column template_levels.template_id is 'Template.';
comment on column template_levels.declared_level is 'Declared level as a log_level; empty where none.';
comment on column template_levels.predicted_level is 'Level by the model.';
comment on column template_levels.count_logs is 'Logs.';
comment on column template_levels.sum_confidence is 'Sum of level_confidence, for means.';
