-- The rollup of templates, for who may select from views alone: read a few templates by their id.
drop view if exists template_hours;
create view template_hours as
select
    template_id,
    hour_at,
    count_logs,
    count_anomalies
from template_hourly;

comment on view template_hours is 'One row per template and hour that has logs, straight from the rollup.';
comment on column template_hours.template_id is 'Template.';
comment on column template_hours.hour_at is 'Start of the hour (UTC).';
comment on column template_hours.count_logs is 'Logs of the hour.';
comment on column template_hours.count_anomalies is 'Anomalous ones.';
