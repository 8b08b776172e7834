-- End a mute before its time. It stays on record as revoked; null when none with this id holds.
create or replace function unmute(given_mute_id bigint, given_by text) returns bigint
language sql
volatile
security definer
set search_path from current
as $$
    update ml_mutes
    set revoked_at = now(), revoked_by = given_by
    where mute_id = given_mute_id and revoked_at is null and muted_until > now()
    returning mute_id;
$$;

comment on function unmute(bigint, text) is 'Ends a mute; its id, or null when none such holds.';

revoke execute on function unmute(bigint, text) from public;
