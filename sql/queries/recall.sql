-- name: known_templates
-- What was seen of some templates before a time; of all time the count is at hand, however long the
-- past is.
with

wanted as (
    select
        template_id,
        first_seen_at,
        count_logs
    from log_templates
    where template_id = any(%(template_ids)s::bigint[])
),

earlier as (
    select
        template_id,
        sum(count_logs)::bigint as count_logs
    from template_hourly
    where
        template_id = any(%(template_ids)s::bigint[])
        and hour_at < %(before)s::timestamptz
        and %(before)s::timestamptz < 'infinity'
    group by template_id
),

known as (
    select
        template_id,
        count_logs
    from wanted
    where %(before)s::timestamptz = 'infinity'
    union all
    select
        template_id,
        count_logs
    from earlier
)

select
    template_id,
    extract(epoch from least(greatest(wanted.first_seen_at, '1900-01-01'), '2200-01-01'))
    ::double precision as first_seen_epoch,
    known.count_logs
from wanted
inner join known using (template_id)
where known.count_logs > 0;

-- name: known_sources
-- Logs of some sources that were scored before a time, and when the first of all came: templates first
-- seen by a wrong clock do not tell.
with

known as (
    select
        source,
        count_logs
    from prediction_totals
    where source = any(%(sources)s::text[]) and %(before)s::timestamptz = 'infinity'
    union all
    select
        source,
        count_logs
    from prediction_hourly
    where
        source = any(%(sources)s::text[])
        and hour_at < %(before)s::timestamptz
        and %(before)s::timestamptz < 'infinity'
)

select
    source,
    sum(count_logs)::bigint as count_logs,
    extract(
        epoch from (
            select min(log_templates.first_seen_at)
            from log_templates
            where
                log_templates.source = known.source
                and log_templates.first_seen_at >= '1990-01-01 00:00:00+00'
                and log_templates.first_seen_at < '2100-01-01 00:00:00+00'
        )
    )::double precision as first_seen_epoch
from known
group by source;

-- name: feedback
-- What people said of templates, the latest word on each.
select distinct on (template_id)
    template_id,
    verdict
from ml_feedback
where revoked_at is null
order by template_id asc, created_at desc;
