-- Ask not to be told of a source, a template, or a template of a source for a while. Returns null
-- when there is no such source or template: a mute of what does not exist would be a typing error.
create or replace function mute(
    muted_source text, muted_template_id bigint, muted_for interval, given_reason text, given_by text
) returns bigint
language plpgsql
volatile
security definer
set search_path from current
as $$
declare
    kept_id bigint;
begin
    if not exists (
        select from log_templates
        where
            (muted_source is null or source = muted_source)
            and (muted_template_id is null or template_id = muted_template_id)
            and (muted_source is not null or muted_template_id is not null)
    ) then
        return null;
    end if;
    insert into ml_mutes (source, template_id, muted_until, reason, created_by)
    values (muted_source, muted_template_id, now() + muted_for, given_reason, given_by)
    returning mute_id into kept_id;
    return kept_id;
end
$$;

comment on function mute(text, bigint, interval, text, text) is
'Mutes a source, a template or both for a while; the id of the mute, or null when there is no such one.';

revoke execute on function mute(text, bigint, interval, text, text) from public;
