-- What people said of logs and templates and did not take back: as of now, since they want to see it.
drop view if exists verdicts;
create view verdicts as
select
    ml_feedback.feedback_id,
    ml_feedback.log_entry_id,
    ml_feedback.logged_at,
    ml_feedback.template_id,
    log_templates.source,
    log_templates.text as template_text,
    ml_feedback.verdict,
    ml_feedback.note,
    ml_feedback.created_by,
    ml_feedback.created_at
from ml_feedback
left join log_templates using (template_id)
where ml_feedback.revoked_at is null;

comment on view verdicts is 'One row per verdict that holds.';
comment on column verdicts.feedback_id is 'Verdict; revoke_feedback() takes it back.';
comment on column verdicts.log_entry_id is 'The log; null: it is on the whole template.';
comment on column verdicts.logged_at is 'Time of that log.';
comment on column verdicts.template_id is 'Template.';
comment on column verdicts.source is 'Program or service.';
comment on column verdicts.template_text is 'Normalised text.';
comment on column verdicts.verdict is 'confirmed: it was worth reading; false_alarm: it was not.';
comment on column verdicts.note is 'Why, in words.';
comment on column verdicts.created_by is 'Who said it.';
comment on column verdicts.created_at is 'When.';
