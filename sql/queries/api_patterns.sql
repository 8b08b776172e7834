-- name: listed
-- The frame of every list of templates: each with its logs in the 24 hours up to the last refresh.
with

hours as materialized (
    select date_trunc('hour', stats_overview.refreshed_at, 'UTC') + number * interval '1 hour' as hour_at
    from stats_overview
    cross join generate_series(-23, 0) as number
),

items as (
    select
        framed.template_id::text as template_id,
        framed.source,
        framed.text,
        framed.predicted_level,
        framed.level_confidence,
        framed.count_logs,
        framed.count_anomalies,
        framed.count_logs_24h,
        framed.count_anomalies_24h,
        framed.count_logs_1h,
        -- By the key of the rollup, template by template: a join would be planned over all of it. And all
        -- hours of one at once (offset 0): the planner would rather look up each.
        (
            select json_agg(coalesce(found.count_logs, 0) order by hours.hour_at)
            from hours
            left join (
                select
                    template_hours.hour_at,
                    template_hours.count_logs
                from template_hours
                where
                    template_hours.template_id = framed.template_id
                    and template_hours.hour_at >= (select min(earliest.hour_at) from hours as earliest)
                offset 0
            ) as found on hours.hour_at = found.hour_at
        ) as count_logs_by_hour,
        framed.count_recent,
        framed.expected_logs,
        framed.usual_gap_hours,
        framed.silent_hours,
        to_char(framed.first_seen_at at time zone 'UTC', %(iso)s) as first_seen_at,
        to_char(framed.last_seen_at at time zone 'UTC', %(iso)s) as last_seen_at,
        framed.example_log_entry_id::text as example_log_entry_id,
        to_char(framed.example_logged_at at time zone 'UTC', %(iso)s) as example_logged_at
    from framed
)

select
    last_batch_id as batch_id,
    to_char(refreshed_at at time zone 'UTC', %(iso)s) as refreshed_at,
    json_build_object('items', coalesce((select json_agg(items) from items), '[]'))::text as data
from stats_overview;

-- name: unmarked in api_patterns.listed
-- The frame of those lists that have nothing to add to a template.
select
    framed.*,
    null::bigint as count_recent,
    null::double precision as expected_logs,
    null::double precision as usual_gap_hours,
    null::double precision as silent_hours
from framed;

-- name: patterns_top in api_patterns.unmarked
-- The most frequent templates. Like its siblings below a statement of its own: to plan all kinds in
-- one took 4 ms, four times the answer.
select stats_templates.*
from stats_templates
where
    (%(source)s::text is null or stats_templates.source = %(source)s)
    and (%(q)s::text is null or strpos(lower(stats_templates.text), lower(%(q)s)) > 0)
order by
    stats_templates.count_logs desc,
    stats_templates.template_id desc
limit %(count_items)s;

-- name: patterns_rare in api_patterns.unmarked
-- Templates of the last day that hardly ever came before.
select stats_templates.*
from stats_rare_templates
inner join stats_templates on stats_rare_templates.template_id = stats_templates.template_id
where
    (%(source)s::text is null or stats_rare_templates.source = %(source)s)
    and (%(q)s::text is null or strpos(lower(stats_rare_templates.text), lower(%(q)s)) > 0)
order by
    stats_rare_templates.count_logs asc,
    stats_rare_templates.last_seen_at desc,
    stats_rare_templates.template_id asc
limit %(count_items)s;

-- name: patterns_new in api_patterns.unmarked
-- Templates first seen in the last 24 hours, the latest first.
select stats_templates.*
from stats_new_templates
inner join stats_templates on stats_new_templates.template_id = stats_templates.template_id
where
    (%(source)s::text is null or stats_new_templates.source = %(source)s)
    and (%(q)s::text is null or strpos(lower(stats_new_templates.text), lower(%(q)s)) > 0)
order by
    stats_new_templates.first_seen_at desc,
    stats_new_templates.template_id desc
limit %(count_items)s;

-- name: patterns_surging in api_patterns.listed
-- Templates far above their own pace, the steepest first.
select
    stats_templates.*,
    stats_surging_templates.count_recent,
    stats_surging_templates.expected_logs,
    null::double precision as usual_gap_hours,
    null::double precision as silent_hours
from stats_surging_templates
inner join stats_templates on stats_surging_templates.template_id = stats_templates.template_id
where
    (%(source)s::text is null or stats_surging_templates.source = %(source)s)
    and (%(q)s::text is null or strpos(lower(stats_surging_templates.text), lower(%(q)s)) > 0)
order by
    stats_surging_templates.count_recent / (stats_surging_templates.expected_logs + 1) desc,
    stats_surging_templates.template_id asc
limit %(count_items)s;

-- name: patterns_vanished in api_patterns.listed
-- Templates that came steadily and stopped, the most striking first.
select
    stats_templates.*,
    null::bigint as count_recent,
    null::double precision as expected_logs,
    stats_vanished_templates.usual_gap_hours,
    stats_vanished_templates.silent_hours
from stats_vanished_templates
inner join stats_templates on stats_vanished_templates.template_id = stats_templates.template_id
where
    (%(source)s::text is null or stats_vanished_templates.source = %(source)s)
    and (%(q)s::text is null or strpos(lower(stats_vanished_templates.text), lower(%(q)s)) > 0)
order by
    stats_vanished_templates.silent_hours / (stats_vanished_templates.usual_gap_hours + 1) desc,
    stats_vanished_templates.template_id asc
limit %(count_items)s;

-- name: mislabelled in api.items
-- Logging calls whose declared level does not fit what they say, the most frequent first.
select
    stats_mislabelled.template_id::text as template_id,
    stats_mislabelled.declared_level,
    stats_mislabelled.predicted_level,
    stats_mislabelled.source,
    stats_mislabelled.text,
    stats_mislabelled.count_logs,
    stats_mislabelled.mean_confidence,
    to_char(stats_mislabelled.last_seen_at at time zone 'UTC', %(iso)s) as last_seen_at,
    stats_mislabelled.example_log_entry_id::text as example_log_entry_id,
    to_char(stats_mislabelled.example_logged_at at time zone 'UTC', %(iso)s) as example_logged_at
from stats_mislabelled
where %(source)s::text is null or stats_mislabelled.source = %(source)s
order by stats_mislabelled.count_logs desc, stats_mislabelled.template_id asc
limit %(count_items)s;

-- name: declared in api.items
-- Declared against predicted levels, the most frequent pairs first.
select
    source,
    declared_level,
    predicted_level,
    count_logs,
    count_anomalies,
    mean_confidence
from stats_declared_levels
where %(source)s::text is null or source = %(source)s
order by count_logs desc, source asc, declared_level asc, predicted_level asc
limit %(count_items)s;

-- name: traces in api.items
-- Requests and jobs, the latest first; those that went otherwise than others, or not. Their lines are
-- what the action analyze finds by the trace_id.
select
    case when %(raw)s then stats_traces.trace_id end as trace_id,
    to_char(stats_traces.first_logged_at at time zone 'UTC', %(iso)s) as first_logged_at,
    to_char(stats_traces.last_logged_at at time zone 'UTC', %(iso)s) as last_logged_at,
    stats_traces.count_logs,
    coalesce(string_to_array(stats_traces.sources, e'\n'), '{}') as sources,
    stats_traces.first_template_id::text as first_template_id,
    stats_traces.first_template_text,
    stats_traces.count_alike,
    stats_traces.count_deviations,
    stats_traces.anomaly_score,
    stats_traces.is_anomaly,
    array_remove(string_to_array(stats_traces.reasons, e'\n'), '') as reasons
from stats_traces
where %(anomaly)s::boolean is null or stats_traces.is_anomaly = %(anomaly)s
order by stats_traces.last_logged_at desc, stats_traces.trace_id asc
limit %(count_items)s;
