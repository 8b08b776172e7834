-- Whether somebody asked not to hear of a source or template for now.
create or replace function is_muted(source text, template_id bigint) returns boolean
language sql
stable
set search_path from current
as $$
    select exists (
        select from ml_mutes
        where
            ml_mutes.revoked_at is null
            and ml_mutes.muted_until > now()
            and (ml_mutes.source is null or ml_mutes.source = is_muted.source)
            and (ml_mutes.template_id is null or ml_mutes.template_id = is_muted.template_id)
    );
$$;

comment on function is_muted(text, bigint) is 'Whether a mute of the source, the template, or both holds now.';
