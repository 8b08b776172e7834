-- What nobody wants to hear of for now: as of now, since a mute holds from the moment it is made.
drop view if exists mutes;
create view mutes as
select
    ml_mutes.mute_id,
    coalesce(ml_mutes.source, log_templates.source) as source,
    ml_mutes.template_id,
    log_templates.text as template_text,
    ml_mutes.muted_until,
    ml_mutes.reason,
    ml_mutes.created_by,
    ml_mutes.created_at
from ml_mutes
left join log_templates using (template_id)
where ml_mutes.revoked_at is null and ml_mutes.muted_until > now();

comment on view mutes is 'One row per mute that holds.';
comment on column mutes.mute_id is 'Mute; unmute() ends it.';
comment on column mutes.source is 'Program or service that is muted, or that the muted template is of.';
comment on column mutes.template_id is 'Template; null: all of the source.';
comment on column mutes.template_text is 'Normalised text.';
comment on column mutes.muted_until is 'It ends by itself then.';
comment on column mutes.reason is 'Why, in words.';
comment on column mutes.created_by is 'Who.';
comment on column mutes.created_at is 'When.';
