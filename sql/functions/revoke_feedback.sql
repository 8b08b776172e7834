-- Take a verdict back. It stays on record as revoked; null when none with this id holds.
create or replace function revoke_feedback(given_feedback_id bigint, given_by text) returns bigint
language sql
volatile
security definer
set search_path from current
as $$
    update ml_feedback
    set revoked_at = now(), revoked_by = given_by
    where feedback_id = given_feedback_id and revoked_at is null
    returning feedback_id;
$$;

comment on function revoke_feedback(bigint, text) is 'Takes a verdict back; its id, or null when none such holds.';

revoke execute on function revoke_feedback(bigint, text) from public;
