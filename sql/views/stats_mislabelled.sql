-- Logging calls whose declared level does not fit what they say.
drop materialized view if exists stats_mislabelled;
create materialized view stats_mislabelled as
with

differing as (
    select *
    from template_levels
    where
        declared_level <> ''
        and declared_level <> predicted_level::text
        and sum_confidence >= 0.6 * count_logs
    order by count_logs desc, template_id asc
    limit 10000
)

select
    differing.template_id,
    differing.declared_level,
    differing.predicted_level,
    log_templates.source,
    log_templates.text,
    differing.count_logs,
    differing.sum_confidence / differing.count_logs as mean_confidence,
    log_templates.last_seen_at,
    log_templates.example_log_entry_id,
    log_templates.example_logged_at
from differing
inner join log_templates using (template_id);

create unique index stats_mislabelled_key
on stats_mislabelled (template_id, declared_level, predicted_level);

comment on materialized view stats_mislabelled is
'One row per template, declared level and other predicted level of confidence 0.6 or more; the 10,000 largest.';
comment on column stats_mislabelled.template_id is 'Template.';
comment on column stats_mislabelled.declared_level is 'Level that the program declared, as a log_level.';
comment on column stats_mislabelled.predicted_level is 'Level by the model.';
comment on column stats_mislabelled.source is 'Program or service.';
comment on column stats_mislabelled.text is 'Normalised text.';
comment on column stats_mislabelled.count_logs is 'Logs declared so and predicted otherwise.';
comment on column stats_mislabelled.mean_confidence is 'Mean probability of the predicted level, 0 to 1.';
comment on column stats_mislabelled.last_seen_at is 'Time of the last log of the template.';
comment on column stats_mislabelled.example_log_entry_id is 'A log of it.';
comment on column stats_mislabelled.example_logged_at is 'Time of that log.';
