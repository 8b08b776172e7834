-- name: version
-- What every answer is made from: while this stays, so do they.
select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at
from stats_overview;

-- name: health
-- Whether the database answers and batches come; nothing that a stranger may not know.
select
    stats_overview.last_batch_id as batch_id,
    to_char(stats_overview.refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object(
        'status', case when freshness.is_late then 'late' else 'ok' end,
        'last_batch_finished_at', to_char(stats_overview.last_batch_finished_at at time zone 'UTC', %(iso)s),
        'refreshed_at', to_char(stats_overview.refreshed_at at time zone 'UTC', %(iso)s)
    )::text as data
from stats_overview
cross join freshness;

-- name: status
-- The whole installation, with its levels and severities.
with

overview as (
    select
        count_predictions,
        count_anomalies,
        count_sources,
        count_templates,
        count_predictions_24h,
        count_anomalies_24h,
        count_new_templates_24h,
        to_char(first_logged_at at time zone 'UTC', %(iso)s) as first_logged_at,
        to_char(last_logged_at at time zone 'UTC', %(iso)s) as last_logged_at,
        count_unscored,
        to_char(oldest_unscored_at at time zone 'UTC', %(iso)s) as oldest_unscored_at,
        last_batch_id,
        to_char(last_batch_finished_at at time zone 'UTC', %(iso)s) as last_batch_finished_at,
        model_version,
        to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
        (select json_agg(stats_levels order by stats_levels.predicted_level) from stats_levels) as levels,
        (select json_agg(stats_severity order by stats_severity.severity) from stats_severity) as severity
    from stats_overview
)

select
    last_batch_id as batch_id,
    refreshed_at,
    row_to_json(overview)::text as data
from overview;

-- name: stats
-- All counts at once, for a page that draws them together.
with

overview as (
    select
        count_predictions,
        count_anomalies,
        count_sources,
        count_templates,
        count_predictions_24h,
        count_anomalies_24h,
        count_new_templates_24h,
        to_char(first_logged_at at time zone 'UTC', %(iso)s) as first_logged_at,
        to_char(last_logged_at at time zone 'UTC', %(iso)s) as last_logged_at,
        count_unscored,
        to_char(oldest_unscored_at at time zone 'UTC', %(iso)s) as oldest_unscored_at,
        last_batch_id,
        to_char(last_batch_finished_at at time zone 'UTC', %(iso)s) as last_batch_finished_at,
        model_version,
        to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at
    from stats_overview
),

ranked as (
    select *
    from stats_sources
    order by count_anomalies_24h desc, count_logs desc, source asc
    limit 1000
),

sources as (
    select
        source,
        count_logs,
        count_anomalies,
        count_logs_24h,
        count_anomalies_24h,
        count_errors,
        count_declared,
        count_agreed,
        count_templates,
        to_char(first_logged_at at time zone 'UTC', %(iso)s) as first_logged_at,
        to_char(last_logged_at at time zone 'UTC', %(iso)s) as last_logged_at
    from ranked
)

select
    overview.last_batch_id as batch_id,
    overview.refreshed_at,
    json_build_object(
        'overview', overview,
        'levels', (select json_agg(stats_levels order by stats_levels.predicted_level) from stats_levels),
        'severity', (select json_agg(stats_severity order by stats_severity.severity) from stats_severity),
        'sources', coalesce((select json_agg(sources) from sources), '[]')
    )::text as data
from overview;

-- name: sources
-- Every source; the one with the most anomalies of the last day first.
with

ranked as (
    select *
    from stats_sources
    order by count_anomalies_24h desc, count_logs desc, source asc
    limit 1000
),

items as (
    select
        source,
        count_logs,
        count_anomalies,
        count_logs_24h,
        count_anomalies_24h,
        count_errors,
        count_declared,
        count_agreed,
        count_templates,
        to_char(first_logged_at at time zone 'UTC', %(iso)s) as first_logged_at,
        to_char(last_logged_at at time zone 'UTC', %(iso)s) as last_logged_at
    from ranked
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: trends
-- Volume by hour up to the last refresh: of all sources together, of one, or by each of the forty
-- busiest.
with

busiest as (
    select source
    from stats_sources
    order by count_logs desc, source asc
    limit 40
),

shown as (
    select
        stats_hourly.hour_at,
        case when %(by)s::text is not null or %(source)s::text is not null then stats_hourly.source end as source,
        stats_hourly.count_logs,
        stats_hourly.count_anomalies,
        stats_hourly.count_warnings,
        stats_hourly.count_errors,
        stats_hourly.count_severe
    from stats_hourly
    cross join stats_overview
    where
        stats_hourly.hour_at > stats_overview.refreshed_at - %(hours)s * interval '1 hour'
        and (%(source)s::text is null or stats_hourly.source = %(source)s)
        and (
            %(by)s::text is null
            or %(source)s::text is not null
            or stats_hourly.source in (select busiest.source from busiest)
        )
),

summed as (
    select
        hour_at,
        source,
        sum(count_logs)::bigint as count_logs,
        sum(count_anomalies)::bigint as count_anomalies,
        sum(count_warnings)::bigint as count_warnings,
        sum(count_errors)::bigint as count_errors,
        sum(count_severe)::bigint as count_severe
    from shown
    group by hour_at, source
    order by hour_at asc, source asc
),

items as (
    select
        to_char(hour_at at time zone 'UTC', %(iso)s) as hour_at,
        source,
        count_logs,
        count_anomalies,
        count_warnings,
        count_errors,
        count_severe
    from summed
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    coalesce((select json_agg(items) from items), '[]')::text as data
from stats_overview;

-- name: anomalies
-- The latest anomalies that are at least so severe, newest first.
with

found as (
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

counted as (
    select count(*) as count_found
    from found
),

last_one as (
    select (extract(epoch from logged_at) * 1000000)::bigint || '~' || log_entry_id as place
    from found
    where (select counted.count_found from counted) = %(count_items)s
    order by logged_at asc, log_entry_id asc
    limit 1
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object(
        'items', coalesce((select json_agg(items) from items), '[]'),
        'next', (select last_one.place from last_one)
    )::text as data
from stats_overview;

-- name: analyze
-- Predictions, newest first. However rare what is asked for, one request looks at no more than
-- 20,000 logs (a tenth of a second): `next` then says where the following one goes on.
with

scanned as (
    select *
    from scored_logs
    where
        (%(since)s::timestamptz is null or logged_at >= %(since)s::timestamptz)
        and (%(until)s::timestamptz is null or logged_at < %(until)s::timestamptz)
        and (
            %(before_at)s::timestamptz is null
            or (
                logged_at <= %(before_at)s::timestamptz
                and (logged_at, log_entry_id) < (%(before_at)s::timestamptz, %(before_id)s::bigint)
            )
        )
        and (%(anomaly)s::boolean is null or is_anomaly = %(anomaly)s::boolean)
    order by logged_at desc, log_entry_id desc
    -- In a query of its own, so that the planner does not know it: who plans to read 20,000 would
    -- rather sort all there are than follow the index, and mostly 50 are read.
    limit (select 20000)
),

-- No order by: the CTE is handed on in its order and row by row, so this stops at the limit; to
-- sort it, servers before 17 would first read all of it.
found as (
    select *
    from scanned
    where
        (%(source)s::text is null or source = %(source)s)
        and (%(level)s::log_level[] is null or predicted_level = any(%(level)s::log_level[]))
        and (%(severity)s::log_severity[] is null or severity = any(%(severity)s::log_severity[]))
        and (%(template_id)s::bigint is null or template_id = %(template_id)s::bigint)
        and (%(batch_id)s::bigint is null or batch_id = %(batch_id)s::bigint)
        and (%(model_id)s::bigint is null or model_id = %(model_id)s::bigint)
        and (
            %(q)s::text is null
            or strpos(
                lower(case when %(raw)s then coalesce(message, template_text) else template_text end), lower(%(q)s)
            ) > 0
        )
    limit %(count_items)s -- noqa: AM09
),

counted as (
    select count(*) as count_found
    from found
),

ordered as (
    select *
    from found
    order by logged_at desc, log_entry_id desc
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
    from ordered
),

-- Where to go on: below the last log found, or, when too few were, below the last one looked at.
ends as (
    (
        select
            logged_at,
            log_entry_id
        from found
        where (select counted.count_found from counted) = %(count_items)s
        order by logged_at asc, log_entry_id asc
        limit 1
    )
    union all
    (
        select
            logged_at,
            log_entry_id
        from scanned
        where (select counted.count_found from counted) < %(count_items)s
        offset 19999 -- noqa: AM09
    )
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object(
        'items', coalesce((select json_agg(items) from items), '[]'),
        'next', (select (extract(epoch from ends.logged_at) * 1000000)::bigint || '~' || ends.log_entry_id from ends)
    )::text as data
from stats_overview;

-- name: log
-- One log with its neighbours: lines of the same source within a day of it, of at most 20,000 looked
-- at on either side. Without its time, it is looked for everywhere.
with

chosen as (
    select *
    from scored_logs
    where log_entry_id = %(id)s::bigint and (%(at)s::timestamptz is null or logged_at = %(at)s::timestamptz)
    order by logged_at desc
    limit 1
),

before as (
    select near.*
    from chosen
    cross join lateral (
        select scanned.*
        from (
            select *
            from scored_logs
            where
                scored_logs.logged_at <= coalesce(%(at)s::timestamptz, chosen.logged_at) -- noqa: RF03
                and scored_logs.logged_at >= coalesce(%(at_from)s::timestamptz, chosen.logged_at - interval '1 day')
                and (scored_logs.logged_at, scored_logs.log_entry_id) < (chosen.logged_at, chosen.log_entry_id)
            order by scored_logs.logged_at desc, scored_logs.log_entry_id desc
            limit (select 20000)
        ) as scanned
        where scanned.source = chosen.source
        order by scanned.logged_at desc, scanned.log_entry_id desc
        limit %(around)s
    ) as near
),

after as (
    select near.*
    from chosen
    cross join lateral (
        select scanned.*
        from (
            select *
            from scored_logs
            where
                scored_logs.logged_at >= coalesce(%(at)s::timestamptz, chosen.logged_at) -- noqa: RF03
                and scored_logs.logged_at <= coalesce(%(at_until)s::timestamptz, chosen.logged_at + interval '1 day')
                and (scored_logs.logged_at, scored_logs.log_entry_id) > (chosen.logged_at, chosen.log_entry_id)
            order by scored_logs.logged_at asc, scored_logs.log_entry_id asc
            limit (select 20000)
        ) as scanned
        where scanned.source = chosen.source
        order by scanned.logged_at asc, scanned.log_entry_id asc
        limit %(around)s
    ) as near
),

lines as (
    select * from before
    union all
    select * from chosen
    union all
    select * from after
    order by logged_at asc, log_entry_id asc
),

shown as (
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
    from lines
),

place as (
    select
        to_char(logged_at at time zone 'UTC', %(iso)s) as logged_at,
        log_entry_id
    from chosen
),

answer as (
    select
        json_agg(shown) filter (
            where (shown.logged_at, shown.log_entry_id::bigint) = (place.logged_at, place.log_entry_id)
        ) as chosen,
        json_agg(shown) filter (
            where (shown.logged_at, shown.log_entry_id::bigint) < (place.logged_at, place.log_entry_id)
        ) as before,
        json_agg(shown) filter (
            where (shown.logged_at, shown.log_entry_id::bigint) > (place.logged_at, place.log_entry_id)
        ) as after
    from shown
    cross join place
)

select
    stats_overview.last_batch_id as batch_id,
    to_char(stats_overview.refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    case
        when answer.chosen is not null
            then json_build_object(
                'log', answer.chosen -> 0,
                'before', coalesce(answer.before, '[]'),
                'after', coalesce(answer.after, '[]')
            )::text
    end as data
from stats_overview
cross join answer;

-- name: patterns_top
-- The most frequent templates, each with its logs in the 24 hours up to the last refresh. Like its
-- siblings below a statement of its own: to plan all kinds in one took 4 ms, four times the answer.
with

chosen as (
    select
        template_id,
        row_number() over (order by count_logs desc, template_id desc) as place,
        null::bigint as count_recent,
        null::double precision as expected_logs,
        null::double precision as usual_gap_hours,
        null::double precision as silent_hours
    from stats_templates
    where
        (%(source)s::text is null or source = %(source)s)
        and (%(q)s::text is null or strpos(lower(text), lower(%(q)s)) > 0)
    order by place
    limit %(count_items)s
),

found as (
    select
        chosen.place,
        chosen.count_recent,
        chosen.expected_logs,
        chosen.usual_gap_hours,
        chosen.silent_hours,
        stats_templates.*
    from chosen
    inner join stats_templates on chosen.template_id = stats_templates.template_id
),

bounds as (
    select date_trunc('hour', refreshed_at, 'UTC') - interval '23 hours' as first_at
    from stats_overview
),

-- By the key of the rollup, template by template: a join would be planned over all of it.
hours as (
    select
        found.template_id,
        counted.count_logs_by_hour
    from found
    cross join bounds
    cross join lateral (
        select json_agg(coalesce(seen.count_logs, 0) order by number) as count_logs_by_hour
        from generate_series(0, 23) as number
        left join (
            select
                template_hours.hour_at,
                template_hours.count_logs
            from template_hours
            where template_hours.template_id = found.template_id and template_hours.hour_at >= bounds.first_at
            offset 0
        ) as seen on bounds.first_at + number * interval '1 hour' = seen.hour_at
    ) as counted
),

ordered as (
    select
        found.*,
        hours.count_logs_by_hour
    from found
    inner join hours on found.template_id = hours.template_id
    order by found.place
),

items as (
    select
        template_id::text as template_id,
        source,
        text,
        predicted_level,
        level_confidence,
        count_logs,
        count_anomalies,
        count_logs_24h,
        count_anomalies_24h,
        count_logs_1h,
        count_logs_by_hour,
        count_recent,
        expected_logs,
        usual_gap_hours,
        silent_hours,
        to_char(first_seen_at at time zone 'UTC', %(iso)s) as first_seen_at,
        to_char(last_seen_at at time zone 'UTC', %(iso)s) as last_seen_at,
        example_log_entry_id::text as example_log_entry_id,
        to_char(example_logged_at at time zone 'UTC', %(iso)s) as example_logged_at
    from ordered
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: patterns_rare
-- Templates of the last day that hardly ever came before.
with

chosen as (
    select
        template_id,
        row_number() over (order by count_logs asc, last_seen_at desc, template_id asc) as place,
        null::bigint as count_recent,
        null::double precision as expected_logs,
        null::double precision as usual_gap_hours,
        null::double precision as silent_hours
    from stats_rare_templates
    where
        (%(source)s::text is null or source = %(source)s)
        and (%(q)s::text is null or strpos(lower(text), lower(%(q)s)) > 0)
    order by place
    limit %(count_items)s
),

found as (
    select
        chosen.place,
        chosen.count_recent,
        chosen.expected_logs,
        chosen.usual_gap_hours,
        chosen.silent_hours,
        stats_templates.*
    from chosen
    inner join stats_templates on chosen.template_id = stats_templates.template_id
),

bounds as (
    select date_trunc('hour', refreshed_at, 'UTC') - interval '23 hours' as first_at
    from stats_overview
),

-- By the key of the rollup, template by template: a join would be planned over all of it.
hours as (
    select
        found.template_id,
        counted.count_logs_by_hour
    from found
    cross join bounds
    cross join lateral (
        select json_agg(coalesce(seen.count_logs, 0) order by number) as count_logs_by_hour
        from generate_series(0, 23) as number
        left join (
            select
                template_hours.hour_at,
                template_hours.count_logs
            from template_hours
            where template_hours.template_id = found.template_id and template_hours.hour_at >= bounds.first_at
            offset 0
        ) as seen on bounds.first_at + number * interval '1 hour' = seen.hour_at
    ) as counted
),

ordered as (
    select
        found.*,
        hours.count_logs_by_hour
    from found
    inner join hours on found.template_id = hours.template_id
    order by found.place
),

items as (
    select
        template_id::text as template_id,
        source,
        text,
        predicted_level,
        level_confidence,
        count_logs,
        count_anomalies,
        count_logs_24h,
        count_anomalies_24h,
        count_logs_1h,
        count_logs_by_hour,
        count_recent,
        expected_logs,
        usual_gap_hours,
        silent_hours,
        to_char(first_seen_at at time zone 'UTC', %(iso)s) as first_seen_at,
        to_char(last_seen_at at time zone 'UTC', %(iso)s) as last_seen_at,
        example_log_entry_id::text as example_log_entry_id,
        to_char(example_logged_at at time zone 'UTC', %(iso)s) as example_logged_at
    from ordered
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: patterns_new
-- Templates first seen in the last 24 hours, the latest first.
with

chosen as (
    select
        template_id,
        row_number() over (order by first_seen_at desc, template_id desc) as place,
        null::bigint as count_recent,
        null::double precision as expected_logs,
        null::double precision as usual_gap_hours,
        null::double precision as silent_hours
    from stats_new_templates
    where
        (%(source)s::text is null or source = %(source)s)
        and (%(q)s::text is null or strpos(lower(text), lower(%(q)s)) > 0)
    order by place
    limit %(count_items)s
),

found as (
    select
        chosen.place,
        chosen.count_recent,
        chosen.expected_logs,
        chosen.usual_gap_hours,
        chosen.silent_hours,
        stats_templates.*
    from chosen
    inner join stats_templates on chosen.template_id = stats_templates.template_id
),

bounds as (
    select date_trunc('hour', refreshed_at, 'UTC') - interval '23 hours' as first_at
    from stats_overview
),

-- By the key of the rollup, template by template: a join would be planned over all of it.
hours as (
    select
        found.template_id,
        counted.count_logs_by_hour
    from found
    cross join bounds
    cross join lateral (
        select json_agg(coalesce(seen.count_logs, 0) order by number) as count_logs_by_hour
        from generate_series(0, 23) as number
        left join (
            select
                template_hours.hour_at,
                template_hours.count_logs
            from template_hours
            where template_hours.template_id = found.template_id and template_hours.hour_at >= bounds.first_at
            offset 0
        ) as seen on bounds.first_at + number * interval '1 hour' = seen.hour_at
    ) as counted
),

ordered as (
    select
        found.*,
        hours.count_logs_by_hour
    from found
    inner join hours on found.template_id = hours.template_id
    order by found.place
),

items as (
    select
        template_id::text as template_id,
        source,
        text,
        predicted_level,
        level_confidence,
        count_logs,
        count_anomalies,
        count_logs_24h,
        count_anomalies_24h,
        count_logs_1h,
        count_logs_by_hour,
        count_recent,
        expected_logs,
        usual_gap_hours,
        silent_hours,
        to_char(first_seen_at at time zone 'UTC', %(iso)s) as first_seen_at,
        to_char(last_seen_at at time zone 'UTC', %(iso)s) as last_seen_at,
        example_log_entry_id::text as example_log_entry_id,
        to_char(example_logged_at at time zone 'UTC', %(iso)s) as example_logged_at
    from ordered
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: patterns_surging
-- Templates far above their own pace, the steepest first.
with

chosen as (
    select
        template_id,
        row_number() over (order by count_recent / (expected_logs + 1) desc, template_id asc) as place,
        count_recent,
        expected_logs,
        null::double precision as usual_gap_hours,
        null::double precision as silent_hours
    from stats_surging_templates
    where
        (%(source)s::text is null or source = %(source)s)
        and (%(q)s::text is null or strpos(lower(text), lower(%(q)s)) > 0)
    order by place
    limit %(count_items)s
),

found as (
    select
        chosen.place,
        chosen.count_recent,
        chosen.expected_logs,
        chosen.usual_gap_hours,
        chosen.silent_hours,
        stats_templates.*
    from chosen
    inner join stats_templates on chosen.template_id = stats_templates.template_id
),

bounds as (
    select date_trunc('hour', refreshed_at, 'UTC') - interval '23 hours' as first_at
    from stats_overview
),

-- By the key of the rollup, template by template: a join would be planned over all of it.
hours as (
    select
        found.template_id,
        counted.count_logs_by_hour
    from found
    cross join bounds
    cross join lateral (
        select json_agg(coalesce(seen.count_logs, 0) order by number) as count_logs_by_hour
        from generate_series(0, 23) as number
        left join (
            select
                template_hours.hour_at,
                template_hours.count_logs
            from template_hours
            where template_hours.template_id = found.template_id and template_hours.hour_at >= bounds.first_at
            offset 0
        ) as seen on bounds.first_at + number * interval '1 hour' = seen.hour_at
    ) as counted
),

ordered as (
    select
        found.*,
        hours.count_logs_by_hour
    from found
    inner join hours on found.template_id = hours.template_id
    order by found.place
),

items as (
    select
        template_id::text as template_id,
        source,
        text,
        predicted_level,
        level_confidence,
        count_logs,
        count_anomalies,
        count_logs_24h,
        count_anomalies_24h,
        count_logs_1h,
        count_logs_by_hour,
        count_recent,
        expected_logs,
        usual_gap_hours,
        silent_hours,
        to_char(first_seen_at at time zone 'UTC', %(iso)s) as first_seen_at,
        to_char(last_seen_at at time zone 'UTC', %(iso)s) as last_seen_at,
        example_log_entry_id::text as example_log_entry_id,
        to_char(example_logged_at at time zone 'UTC', %(iso)s) as example_logged_at
    from ordered
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: patterns_vanished
-- Templates that came steadily and stopped, the most striking first.
with

chosen as (
    select
        template_id,
        row_number() over (order by silent_hours / (usual_gap_hours + 1) desc, template_id asc) as place,
        null::bigint as count_recent,
        null::double precision as expected_logs,
        usual_gap_hours,
        silent_hours
    from stats_vanished_templates
    where
        (%(source)s::text is null or source = %(source)s)
        and (%(q)s::text is null or strpos(lower(text), lower(%(q)s)) > 0)
    order by place
    limit %(count_items)s
),

found as (
    select
        chosen.place,
        chosen.count_recent,
        chosen.expected_logs,
        chosen.usual_gap_hours,
        chosen.silent_hours,
        stats_templates.*
    from chosen
    inner join stats_templates on chosen.template_id = stats_templates.template_id
),

bounds as (
    select date_trunc('hour', refreshed_at, 'UTC') - interval '23 hours' as first_at
    from stats_overview
),

-- By the key of the rollup, template by template: a join would be planned over all of it.
hours as (
    select
        found.template_id,
        counted.count_logs_by_hour
    from found
    cross join bounds
    cross join lateral (
        select json_agg(coalesce(seen.count_logs, 0) order by number) as count_logs_by_hour
        from generate_series(0, 23) as number
        left join (
            select
                template_hours.hour_at,
                template_hours.count_logs
            from template_hours
            where template_hours.template_id = found.template_id and template_hours.hour_at >= bounds.first_at
            offset 0
        ) as seen on bounds.first_at + number * interval '1 hour' = seen.hour_at
    ) as counted
),

ordered as (
    select
        found.*,
        hours.count_logs_by_hour
    from found
    inner join hours on found.template_id = hours.template_id
    order by found.place
),

items as (
    select
        template_id::text as template_id,
        source,
        text,
        predicted_level,
        level_confidence,
        count_logs,
        count_anomalies,
        count_logs_24h,
        count_anomalies_24h,
        count_logs_1h,
        count_logs_by_hour,
        count_recent,
        expected_logs,
        usual_gap_hours,
        silent_hours,
        to_char(first_seen_at at time zone 'UTC', %(iso)s) as first_seen_at,
        to_char(last_seen_at at time zone 'UTC', %(iso)s) as last_seen_at,
        example_log_entry_id::text as example_log_entry_id,
        to_char(example_logged_at at time zone 'UTC', %(iso)s) as example_logged_at
    from ordered
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: mislabelled
-- Logging calls whose declared level does not fit what they say, the most frequent first.
with

ranked as (
    select *
    from stats_mislabelled
    where %(source)s::text is null or source = %(source)s
    order by count_logs desc, template_id asc
    limit %(count_items)s
),

items as (
    select
        template_id::text as template_id,
        declared_level,
        predicted_level,
        source,
        text,
        count_logs,
        mean_confidence,
        to_char(last_seen_at at time zone 'UTC', %(iso)s) as last_seen_at,
        example_log_entry_id::text as example_log_entry_id,
        to_char(example_logged_at at time zone 'UTC', %(iso)s) as example_logged_at
    from ranked
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: models
-- Every model that ever scored, the latest first.
with

latest as (
    select *
    from stats_models
    order by model_id desc
    limit 1000
),

items as (
    select
        model_id,
        version,
        role,
        to_char(registered_at at time zone 'UTC', %(iso)s) as registered_at,
        count_logs,
        count_anomalies,
        share_agreed::double precision as share_agreed,
        count_confirmed,
        count_false_alarms,
        share_confirmed,
        mean_confidence,
        mean_score
    from latest
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: forecast
-- What to expect in the next 24 hours: of one source, or of each of the forty busiest.
with

busiest as (
    select source
    from stats_sources
    order by count_logs desc, source asc
    limit 40
),

shown as (
    select *
    from stats_forecast
    where
        (%(source)s::text is null and source in (select busiest.source from busiest))
        or source = %(source)s
    order by source asc, hour_at asc
),

items as (
    select
        source,
        to_char(hour_at at time zone 'UTC', %(iso)s) as hour_at,
        expected_logs,
        low_logs,
        high_logs,
        expected_anomalies,
        low_anomalies,
        high_anomalies,
        count_days
    from shown
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: batches
-- The latest runs of the scorer. Why one failed may quote a log, so that is for readers of raw text.
with

latest as (
    select *
    from stats_batches
    order by batch_id desc
    limit %(count_items)s
),

items as (
    select
        batch_id,
        status,
        shard,
        to_char(started_at at time zone 'UTC', %(iso)s) as started_at,
        to_char(finished_at at time zone 'UTC', %(iso)s) as finished_at,
        seconds,
        count_logs,
        count_anomalies,
        count_new_templates,
        count_set_aside,
        step_seconds,
        model_version,
        case when %(raw)s then error end as error
    from latest
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: drift
-- Whether the logs of the latest batches still look like those of the training.
with

latest as (
    select *
    from stats_drift
    order by batch_id desc
    limit %(count_items)s
),

items as (
    select
        batch_id,
        to_char(finished_at at time zone 'UTC', %(iso)s) as finished_at,
        model_id,
        count_logs,
        score_psi,
        share_unseen_words
    from latest
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: outside
-- Hours of the last day that left what the days before let expect, the latest first.
with

latest as (
    select *
    from stats_outside_forecast
    where %(source)s::text is null or source = %(source)s
    order by hour_at desc, source asc
    limit %(count_items)s
),

items as (
    select
        source,
        to_char(hour_at at time zone 'UTC', %(iso)s) as hour_at,
        count_logs,
        expected_logs,
        low_logs,
        high_logs,
        count_anomalies,
        expected_anomalies,
        high_anomalies,
        is_volume_outside,
        is_anomalies_outside
    from latest
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: declared
-- Declared against predicted levels, the most frequent pairs first.
with

latest as (
    select *
    from stats_declared_levels
    where %(source)s::text is null or source = %(source)s
    order by count_logs desc, source asc, declared_level asc, predicted_level asc
    limit %(count_items)s
),

items as (
    select
        source,
        declared_level,
        predicted_level,
        count_logs,
        count_anomalies,
        mean_confidence
    from latest
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: daily
-- Volume by day, of the last 90 days, the latest first.
with

latest as (
    select *
    from stats_daily
    where %(source)s::text is null or source = %(source)s
    order by day desc, source asc
    limit %(count_items)s
),

items as (
    select
        day,
        source,
        count_logs,
        count_anomalies,
        count_warnings,
        count_errors,
        count_severe,
        count_declared,
        count_agreed,
        mean_score
    from latest
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: schedule
-- When batches were due and when they began, the latest first.
with

latest as (
    select *
    from stats_schedule
    order by due_at desc
    limit %(count_items)s
),

items as (
    select
        to_char(due_at at time zone 'UTC', %(iso)s) as due_at,
        batch_id,
        to_char(started_at at time zone 'UTC', %(iso)s) as started_at,
        seconds_late,
        is_late,
        count_batches
    from latest
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: alerts
-- What was worth telling, and whether it was told, the latest first.
with

latest as (
    select *
    from stats_alerts
    where %(source)s::text is null or source = %(source)s
    order by alert_id desc
    limit %(count_items)s
),

items as (
    select
        alert_id,
        to_char(created_at at time zone 'UTC', %(iso)s) as created_at,
        severity,
        source,
        template_id::text as template_id,
        template_text,
        count_logs,
        to_char(first_logged_at at time zone 'UTC', %(iso)s) as first_logged_at,
        example_log_entry_id::text as example_log_entry_id,
        array_remove(string_to_array(reasons, e'\n'), '') as reasons,
        batch_id,
        to_char(delivered_at at time zone 'UTC', %(iso)s) as delivered_at,
        count_attempts
    from latest
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: freshness
-- How fresh the predictions are at this moment, whatever the views last saw.
with

now_fresh as (
    select
        last_batch_id,
        to_char(last_batch_finished_at at time zone 'UTC', %(iso)s) as last_batch_finished_at,
        seconds_since_batch,
        to_char(due_at at time zone 'UTC', %(iso)s) as due_at,
        seconds_late,
        is_late,
        to_char(next_due_at at time zone 'UTC', %(iso)s) as next_due_at,
        to_char(oldest_unscored_at at time zone 'UTC', %(iso)s) as oldest_unscored_at,
        seconds_unscored
    from freshness
)

select
    stats_overview.last_batch_id as batch_id,
    to_char(stats_overview.refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    row_to_json(now_fresh)::text as data
from stats_overview
cross join now_fresh;

-- name: feedback
-- Verdicts that hold, the latest first.
with

latest as (
    select *
    from verdicts
    where %(template_id)s::bigint is null or template_id = %(template_id)s::bigint
    order by feedback_id desc
    limit %(count_items)s
),

items as (
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
    from latest
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: mute
-- Mutes that hold, the latest first.
with

latest as (
    select *
    from mutes
    order by mute_id desc
    limit %(count_items)s
),

items as (
    select
        mute_id,
        source,
        template_id::text as template_id,
        template_text,
        to_char(muted_until at time zone 'UTC', %(iso)s) as muted_until,
        case when %(raw)s then reason end as reason,
        created_by,
        to_char(created_at at time zone 'UTC', %(iso)s) as created_at
    from latest
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

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
