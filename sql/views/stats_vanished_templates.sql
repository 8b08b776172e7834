-- What used to happen steadily and stopped: the backup that no longer says that it finished.
drop materialized view if exists stats_vanished_templates;
create materialized view stats_vanished_templates as
with

silent as (
    select
        template_id,
        greatest(first_seen_at, last_seen_at - interval '7 days') as counted_from,
        last_seen_at
    from log_templates
    where last_seen_at between now() - interval '7 days' and now() - interval '3 hours' and count_logs >= 12
),

paced as (
    select
        silent.template_id,
        count(*) as count_hours,
        sum(template_hourly.count_logs) as count_logs_7d,
        extract(epoch from silent.last_seen_at - silent.counted_from) / 3600 / count(*) as usual_gap_hours,
        extract(epoch from now() - silent.last_seen_at) / 3600 as silent_hours
    from silent
    inner join template_hourly
        on silent.template_id = template_hourly.template_id and silent.counted_from <= template_hourly.hour_at
    group by silent.template_id, silent.counted_from, silent.last_seen_at
),

vanished as (
    select *
    from paced
    -- In at least a dozen hours, and now silent for five times the usual gap.
    where count_hours >= 12 and silent_hours > 3 + 5 * usual_gap_hours
    order by silent_hours / (usual_gap_hours + 1) desc, template_id
    limit 1000
)

select
    vanished.template_id,
    log_templates.source,
    log_templates.text,
    log_templates.predicted_level,
    vanished.usual_gap_hours::double precision as usual_gap_hours,
    vanished.silent_hours::double precision as silent_hours,
    vanished.count_logs_7d::bigint as count_logs_7d,
    log_templates.count_logs,
    log_templates.last_seen_at,
    log_templates.example_log_entry_id,
    log_templates.example_logged_at
from vanished
inner join log_templates using (template_id);

create unique index stats_vanished_templates_key on stats_vanished_templates (template_id);

comment on materialized view stats_vanished_templates is
'One row per template that came steadily and stopped in the last 7 days, the most striking thousand.';
comment on column stats_vanished_templates.template_id is 'Template.';
comment on column stats_vanished_templates.source is 'Program or service.';
comment on column stats_vanished_templates.text is 'Normalised text.';
comment on column stats_vanished_templates.predicted_level is 'Level by the model.';
comment on column stats_vanished_templates.usual_gap_hours is 'Hours from one hour with logs to the next, as it was.';
comment on column stats_vanished_templates.silent_hours is 'Hours since the last log.';
comment on column stats_vanished_templates.count_logs_7d is 'Logs in the 7 days before it stopped.';
comment on column stats_vanished_templates.count_logs is 'Logs ever scored.';
comment on column stats_vanished_templates.last_seen_at is 'Time of the last log.';
comment on column stats_vanished_templates.example_log_entry_id is 'A log of it.';
comment on column stats_vanished_templates.example_logged_at is 'Time of that log.';
