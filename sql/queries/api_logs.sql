-- name: anomalies
-- Anomalies that are at least so severe, newest first: the latest thousand from their view, older ones
-- from the predictions. Where more may follow, `next` says where the following request goes on.
with

listed as (
    select *
    from stats_anomalies
    where
        (%(source)s::text is null or source = %(source)s)
        and (%(severity)s::log_severity is null or severity >= %(severity)s::log_severity)
        and (
            %(before_at)s::timestamptz is null
            or (logged_at, log_entry_id) < (%(before_at)s::timestamptz, %(before_id)s::bigint)
        )
    order by logged_at desc, log_entry_id desc
    limit %(count_items)s
),

-- Where the view ends, if there are more than it holds.
view_end as (
    select
        stats_anomalies.logged_at,
        stats_anomalies.log_entry_id
    from stats_overview
    cross join stats_anomalies
    where stats_overview.count_anomalies > 1000
    order by stats_anomalies.logged_at asc, stats_anomalies.log_entry_id asc
    limit 1
),

older as materialized (
    select older.*
    from view_end
    cross join
        find_logs(
            null,
            null,
            %(before_at)s,
            %(before_id)s,
            %(source)s,
            null,
            case when %(severity)s::text is not null then enum_range(%(severity)s::log_severity, null) end,
            true,
            null,
            null,
            null,
            null,
            null,
            %(raw)s,
            %(count_items)s,
            1000
        ) as older
    where (%(before_at)s::timestamptz, %(before_id)s::bigint) <= (view_end.logged_at, view_end.log_entry_id)
),

found as (
    select * from listed
    union all
    select
        older.log_entry_id,
        older.logged_at,
        older.source,
        older.severity,
        older.anomaly_score,
        older.predicted_level,
        older.level_confidence,
        older.declared_level,
        left(older.message, 4000) as message,
        older.reasons,
        older.template_id,
        older.template_text,
        (
            select stats_templates.count_logs from stats_templates
            where stats_templates.template_id = older.template_id
        ) as count_template_logs,
        older.model_id,
        older.batch_id
    from older
    where older.is_found
),

items as (
    select
        log_entry_id::text as log_entry_id,
        to_char(logged_at at time zone 'UTC', %(iso)s) as logged_at,
        source,
        severity,
        anomaly_score,
        predicted_level,
        level_confidence,
        case when %(raw)s or declared_level ~ '^\w{1,16}$' then declared_level end as declared_level,
        case when %(raw)s then message end as message,
        array_remove(string_to_array(reasons, e'\n'), '') as reasons,
        template_id::text as template_id,
        template_text,
        count_template_logs,
        model_id,
        batch_id
    from found
),

-- At most one of: the last of a full page, the end of the view, and where the search beyond it stopped.
following as (
    (
        select
            logged_at,
            log_entry_id
        from listed
        offset %(count_items)s - 1
    )
    union all
    select
        logged_at,
        log_entry_id
    from view_end
    where
        (select count(*) from listed) < %(count_items)s
        and ((%(before_at)s::timestamptz, %(before_id)s::bigint) <= (logged_at, log_entry_id)) is not true
    union all
    select
        logged_at,
        log_entry_id
    from older
    where not is_found
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object(
        'items', coalesce((select json_agg(items) from items), '[]'),
        'next', (
            -- A log may be dated infinity.
            select
                least(greatest(extract(epoch from logged_at) * 1e6, -999999999999999999), 999999999999999999)::bigint
                || '~' || log_entry_id
            from following
        )
    )::text as data
from stats_overview;

-- name: analyze
-- Predictions, newest first; where more may follow, `next` says where the following request goes on.
with

found as materialized (
    select *
    from
        find_logs(
            %(since)s,
            %(until)s,
            %(before_at)s,
            %(before_id)s,
            %(source)s,
            %(level)s::log_level[],
            %(severity)s::log_severity[],
            %(anomaly)s,
            %(template_id)s,
            %(batch_id)s,
            %(model_id)s,
            %(trace_id)s,
            %(q)s,
            %(raw)s,
            %(count_items)s,
            %(look)s
        )
),

items as (
    select
        log_entry_id::text as log_entry_id,
        to_char(logged_at at time zone 'UTC', %(iso)s) as logged_at,
        source,
        predicted_level,
        level_confidence,
        case when %(raw)s or declared_level ~ '^\w{1,16}$' then declared_level end as declared_level,
        is_anomaly,
        anomaly_score,
        severity,
        array_remove(string_to_array(reasons, e'\n'), '') as reasons,
        case when %(raw)s then message end as message,
        case when %(raw)s then trace_id end as trace_id,
        template_id::text as template_id,
        template_text,
        model_id,
        batch_id,
        to_char(predicted_at at time zone 'UTC', %(iso)s) as predicted_at
    from found
    where is_found
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object(
        'items', coalesce((select json_agg(items) from items), '[]'),
        'next', (
            -- A log may be dated infinity.
            select
                least(greatest(extract(epoch from logged_at) * 1e6, -999999999999999999), 999999999999999999)::bigint
                || '~' || log_entry_id
            from found
            where not is_found
        )
    )::text as data
from stats_overview;

-- name: log
-- One log with its neighbours: lines of the same source within a day of it, of at most 20,000 looked
-- at on either side. Null when it is not there.
with

lines as materialized (
    select *
    from logs_around(%(id)s, %(at)s, %(around)s, 20000)
),

shown as (
    select
        lines.place,
        row_to_json(line) as line
    from lines
    cross join lateral ( -- noqa: ST05
        select
            log_entry_id::text as log_entry_id,
            to_char(logged_at at time zone 'UTC', %(iso)s) as logged_at,
            source,
            predicted_level,
            level_confidence,
            case when %(raw)s or lines.declared_level ~ '^\w{1,16}$' then lines.declared_level end as declared_level,
            is_anomaly,
            anomaly_score,
            severity,
            array_remove(string_to_array(reasons, e'\n'), '') as reasons,
            case when %(raw)s then message end as message,
            case when %(raw)s then trace_id end as trace_id,
            template_id::text as template_id,
            template_text,
            model_id,
            batch_id,
            to_char(predicted_at at time zone 'UTC', %(iso)s) as predicted_at
    ) as line
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    case
        when
            exists (
                select from shown
                where place = 0
            )
            then json_build_object(
                'log', (
                    select line from shown
                    where place = 0
                ),
                'before', coalesce((
                    select json_agg(line) from shown
                    where place < 0
                ), '[]'),
                'after', coalesce((
                    select json_agg(line) from shown
                    where place > 0
                ), '[]')
            )::text
    end as data
from stats_overview;
