-- What people said of which template, and what they muted.
drop materialized view if exists stats_feedback;
create materialized view stats_feedback as
with

judged as (
    select
        template_id,
        count(*) filter (where verdict = 'confirmed') as count_confirmed,
        count(*) filter (where verdict = 'false_alarm') as count_false_alarms,
        max(created_at) as last_judged_at
    from ml_feedback
    where revoked_at is null
    group by template_id
),

muted as (
    select
        template_id,
        max(muted_until) as muted_until
    from ml_mutes
    where template_id is not null and revoked_at is null and muted_until > now()
    group by template_id
)

select
    template_id,
    log_templates.source,
    log_templates.text,
    coalesce(judged.count_confirmed, 0) as count_confirmed,
    coalesce(judged.count_false_alarms, 0) as count_false_alarms,
    judged.last_judged_at,
    muted.muted_until
from judged
full join muted using (template_id)
left join log_templates using (template_id);

create unique index stats_feedback_key on stats_feedback (template_id);

comment on materialized view stats_feedback is 'One row per template that people judged or muted.';
comment on column stats_feedback.template_id is 'Template.';
comment on column stats_feedback.source is 'Program or service.';
comment on column stats_feedback.text is 'Normalised text.';
comment on column stats_feedback.count_confirmed is 'Verdicts that hold: worth reading.';
comment on column stats_feedback.count_false_alarms is 'Verdicts that hold: not worth reading.';
comment on column stats_feedback.last_judged_at is 'When the latest of them was given.';
comment on column stats_feedback.muted_until is 'End of the longest mute that holds; null: none.';
