-- What happened today and hardly ever before.
drop materialized view if exists stats_rare_templates;
create materialized view stats_rare_templates as
select
    template_id,
    source,
    text,
    predicted_level,
    count_logs,
    count_anomalies,
    first_seen_at,
    last_seen_at,
    example_log_entry_id,
    example_logged_at
from log_templates
where last_seen_at > now() - interval '24 hours'
order by count_logs asc, last_seen_at desc, template_id asc
limit 1000;

create unique index stats_rare_templates_key on stats_rare_templates (template_id);
create index stats_rare_templates_rarest on stats_rare_templates (count_logs, last_seen_at desc, template_id);

comment on materialized view stats_rare_templates is
'One row per template seen in the last 24 hours, the thousand with the fewest logs ever.';
comment on column stats_rare_templates.template_id is 'Template.';
comment on column stats_rare_templates.source is 'Program or service.';
comment on column stats_rare_templates.text is 'Normalised text.';
comment on column stats_rare_templates.predicted_level is 'Level by the model.';
comment on column stats_rare_templates.count_logs is 'Logs ever scored.';
comment on column stats_rare_templates.count_anomalies is 'Those of them that are anomalous.';
comment on column stats_rare_templates.first_seen_at is 'Time of the first log.';
comment on column stats_rare_templates.last_seen_at is 'Time of the last log.';
comment on column stats_rare_templates.example_log_entry_id is 'A log of it.';
comment on column stats_rare_templates.example_logged_at is 'Time of that log.';
