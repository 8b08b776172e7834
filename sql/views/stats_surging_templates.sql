-- What suddenly happens far more often than it did all day.
drop materialized view if exists stats_surging_templates;
create materialized view stats_surging_templates as
with

bounds as (
    select
        date_trunc('hour', now(), 'UTC') - interval '1 hour' as recent_from,
        -- Between one and two: the last full hour and the one now running.
        extract(epoch from now() - date_trunc('hour', now(), 'UTC')) / 3600 + 1 as recent_hours
),

counted as (
    select
        template_hourly.template_id,
        sum(template_hourly.count_logs) filter (where template_hourly.hour_at >= bounds.recent_from) as count_recent,
        coalesce(sum(template_hourly.count_logs) filter (where template_hourly.hour_at < bounds.recent_from), 0)
        / 24 * bounds.recent_hours as expected
    from bounds
    inner join template_hourly on template_hourly.hour_at >= bounds.recent_from - interval '24 hours'
    group by template_hourly.template_id, bounds.recent_hours
),

-- Three times the usual, and beyond what chance does to a count; ten logs are too few to call.
surging as (
    select
        template_id,
        count_recent,
        expected
    from counted
    where count_recent > 10 and count_recent > 3 * expected and count_recent > expected + 3 * sqrt(expected)
    order by count_recent / (expected + 1) desc, template_id
    limit 1000
)

select
    surging.template_id,
    log_templates.source,
    log_templates.text,
    log_templates.predicted_level,
    surging.count_recent::bigint as count_recent,
    surging.expected::double precision as expected_logs,
    log_templates.count_logs,
    log_templates.first_seen_at,
    log_templates.last_seen_at,
    log_templates.example_log_entry_id,
    log_templates.example_logged_at
from surging
inner join log_templates using (template_id);

create unique index stats_surging_templates_key on stats_surging_templates (template_id);

comment on materialized view stats_surging_templates is
'One row per template with more than three times its usual logs, the steepest thousand.';
comment on column stats_surging_templates.template_id is 'Template.';
comment on column stats_surging_templates.source is 'Program or service.';
comment on column stats_surging_templates.text is 'Normalised text.';
comment on column stats_surging_templates.predicted_level is 'Level by the model.';
comment on column stats_surging_templates.count_recent is 'Logs of the last full hour and the one now running.';
comment on column stats_surging_templates.expected_logs is 'As many as that at the pace of the 24 hours before.';
comment on column stats_surging_templates.count_logs is 'Logs ever scored.';
comment on column stats_surging_templates.first_seen_at is 'Time of the first log.';
comment on column stats_surging_templates.last_seen_at is 'Time of the last log.';
comment on column stats_surging_templates.example_log_entry_id is 'A log of it.';
comment on column stats_surging_templates.example_logged_at is 'Time of that log.';
