-- name: feedback in api.items
-- Verdicts that hold, the latest first.
select
    feedback_id,
    log_entry_id::text as log_entry_id,
    to_char(logged_at at time zone 'UTC', %(iso)s) as logged_at,
    template_id::text as template_id,
    source,
    template_text,
    verdict,
    case when %(raw)s then note end as note,
    created_by,
    to_char(created_at at time zone 'UTC', %(iso)s) as created_at
from verdicts
where %(template_id)s::bigint is null or template_id = %(template_id)s::bigint
order by feedback_id desc
limit %(count_items)s;

-- name: mute in api.items
-- Mutes that hold, the latest first.
select
    mute_id,
    source,
    template_id::text as template_id,
    template_text,
    to_char(muted_until at time zone 'UTC', %(iso)s) as muted_until,
    case when %(raw)s then reason end as reason,
    created_by,
    to_char(created_at at time zone 'UTC', %(iso)s) as created_at
from mutes
order by mute_id desc
limit %(count_items)s;

-- name: submit_feedback
-- Keep a verdict on a log or a template; null when there is no such one.
select
    submit_feedback(
        %(id)s::bigint, %(at)s::timestamptz, %(template_id)s::bigint, %(verdict)s, %(note)s, %(caller)s
    )::text as done;

-- name: revoke_feedback
-- Take a verdict back; null when there is none that holds.
select revoke_feedback(%(revoke)s::bigint, %(caller)s)::text as done;

-- name: mute_for
-- Mute a source, a template or both; null when there is no such one.
select mute(%(source)s, %(template_id)s::bigint, %(hours)s * interval '1 hour', %(reason)s, %(caller)s)::text as done;

-- name: unmute
-- End a mute; null when there is none that holds.
select unmute(%(revoke)s::bigint, %(caller)s)::text as done;
