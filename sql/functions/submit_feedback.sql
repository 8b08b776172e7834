-- Keep a person's verdict on a scored log, or, without a log, on a template. Said twice, it is kept
-- once; the contrary takes the place of what the same person said of the same thing before.
-- Returns null when there is no such scored log or template.
create or replace function submit_feedback(
    judged_log_entry_id bigint,
    judged_logged_at timestamptz,
    judged_template_id bigint,
    given_verdict text,
    given_note text,
    given_by text
) returns bigint
language plpgsql
volatile
security definer
set search_path from current
as $$
declare
    found_template_id bigint;
    held ml_feedback;
    kept_id bigint;
begin
    if judged_log_entry_id is not null then
        select template_id into found_template_id
        from ml_predictions
        where logged_at = judged_logged_at and log_entry_id = judged_log_entry_id;
    else
        select template_id into found_template_id
        from log_templates
        where template_id = judged_template_id;
    end if;
    if found_template_id is null then
        return null;
    end if;
    -- Two clicks at once must not both find nothing.
    perform pg_advisory_xact_lock(hashtext('logkiln.feedback'), hashtext(found_template_id::text));
    select * into held
    from ml_feedback
    where
        template_id = found_template_id
        and log_entry_id is not distinct from judged_log_entry_id
        and created_by = given_by
        and revoked_at is null
    order by feedback_id desc
    limit 1;
    if held.verdict = given_verdict then
        return held.feedback_id;
    end if;
    update ml_feedback
    set revoked_at = now(), revoked_by = given_by
    where feedback_id = held.feedback_id;
    insert into ml_feedback (log_entry_id, logged_at, template_id, verdict, note, created_by)
    values (
        judged_log_entry_id,
        case when judged_log_entry_id is not null then judged_logged_at end,
        found_template_id,
        given_verdict,
        given_note,
        given_by
    )
    returning feedback_id into kept_id;
    return kept_id;
end
$$;

comment on function submit_feedback(bigint, timestamptz, bigint, text, text, text) is
'Keeps a verdict (confirmed or false_alarm) on a log or template; its id, or null when there is no such one.';

revoke execute on function submit_feedback(bigint, timestamptz, bigint, text, text, text) from public;
