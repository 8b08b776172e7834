-- name: create_staging
-- Groups of this chunk: logs of one unit that share a verdict, of a minute where they are anomalous,
-- of an hour otherwise.
create temporary table staged_groups (
    template_id bigint,
    normalizer_version smallint,
    hour_at timestamptz,
    level_confidence real,
    anomaly_score real,
    is_anomaly boolean,
    model_id smallint,
    count_logs bigint,
    first_at timestamptz,
    last_at timestamptz,
    example_log_entry_id bigint,
    example_logged_at timestamptz,
    source text,
    declared_level text,
    text text,
    predicted_level log_level,
    severity log_severity,
    reasons text
) on commit drop;

-- name: copy_groups
-- Fill it.
copy staged_groups from stdin with binary;

-- name: upsert_templates
-- In the order of the key, here and below, so that two shards cannot wait for each other.
with upserted as (
    insert into log_templates as stored (
        template_id,
        normalizer_version,
        source,
        text,
        first_seen_at,
        last_seen_at,
        count_logs,
        count_anomalies,
        predicted_level,
        level_confidence,
        example_log_entry_id,
        example_logged_at
    )
    select
        template_id,
        min(normalizer_version),
        min(source),
        min(text),
        min(first_at),
        max(last_at),
        sum(count_logs),
        coalesce(sum(count_logs) filter (where is_anomaly), 0),
        min(predicted_level),
        min(level_confidence),
        (array_agg(example_log_entry_id order by example_logged_at desc, example_log_entry_id desc))[1],
        max(example_logged_at)
    from staged_groups
    group by template_id
    order by template_id
    on conflict (template_id) do update
        set
            first_seen_at = least(stored.first_seen_at, excluded.first_seen_at),
            last_seen_at = greatest(stored.last_seen_at, excluded.last_seen_at),
            count_logs = stored.count_logs + excluded.count_logs,
            count_anomalies = stored.count_anomalies + excluded.count_anomalies,
            predicted_level = excluded.predicted_level,
            level_confidence = excluded.level_confidence,
            example_log_entry_id = excluded.example_log_entry_id,
            example_logged_at = excluded.example_logged_at
    returning stored.xmax = 0 as is_new
)

select count(*) filter (where is_new) as count_new from upserted;

-- name: upsert_template_hourly
-- Rollup by template and hour.
insert into template_hourly as stored (template_id, hour_at, count_logs, count_anomalies)
select
    template_id,
    hour_at,
    sum(count_logs),
    coalesce(sum(count_logs) filter (where is_anomaly), 0)
from staged_groups
group by template_id, hour_at
order by template_id, hour_at
on conflict (template_id, hour_at) do update set
    count_logs = stored.count_logs + excluded.count_logs,
    count_anomalies = stored.count_anomalies + excluded.count_anomalies;

-- name: upsert_prediction_hourly
-- Rollup by hour, source, levels, severity and model.
insert into prediction_hourly as stored (
    hour_at,
    source,
    declared_level,
    predicted_level,
    severity,
    model_id,
    count_logs,
    count_anomalies,
    sum_confidence,
    sum_score
)
select
    hour_at,
    source,
    declared_level,
    predicted_level,
    severity,
    model_id,
    sum(count_logs),
    coalesce(sum(count_logs) filter (where is_anomaly), 0),
    sum(count_logs * level_confidence),
    sum(count_logs * anomaly_score)
from staged_groups
group by hour_at, source, declared_level, predicted_level, severity, model_id
order by hour_at, source, declared_level, predicted_level, severity, model_id
on conflict (hour_at, source, declared_level, predicted_level, severity, model_id) do update set
    count_logs = stored.count_logs + excluded.count_logs,
    count_anomalies = stored.count_anomalies + excluded.count_anomalies,
    sum_confidence = stored.sum_confidence + excluded.sum_confidence,
    sum_score = stored.sum_score + excluded.sum_score;

-- name: upsert_template_levels
-- Rollup by template, declared and predicted level.
insert into template_levels as stored (
    template_id, declared_level, predicted_level, count_logs, sum_confidence
)
select
    template_id,
    declared_level,
    predicted_level,
    sum(count_logs),
    sum(count_logs * level_confidence)
from staged_groups
group by template_id, declared_level, predicted_level
order by template_id, declared_level, predicted_level
on conflict (template_id, declared_level, predicted_level) do update set
    count_logs = stored.count_logs + excluded.count_logs,
    sum_confidence = stored.sum_confidence + excluded.sum_confidence;

-- name: insert_alerts in alert_rules.told_once
-- What the rules find worth telling in a chunk, by template and day.
with

candidates as (
    select
        rules.rule_id,
        rules.kind,
        rules.channel,
        staged_groups.template_id,
        staged_groups.source,
        staged_groups.severity,
        staged_groups.count_logs,
        staged_groups.first_at,
        staged_groups.example_log_entry_id,
        staged_groups.example_logged_at,
        staged_groups.reasons
    from alert_rules as rules
    inner join staged_groups
        on
            rules.severity <= staged_groups.severity
            and rules.min_level <= staged_groups.predicted_level
            and (rules.kind <> 'anomaly' or staged_groups.is_anomaly)
            and (rules.source is null or rules.source = staged_groups.source)
            and (rules.template_id is null or rules.template_id = staged_groups.template_id)
    where
        rules.is_enabled
        and rules.kind in ('anomaly', 'occurrence', 'new_template')
        and not exists (
            select from ml_mutes as mutes
            where
                mutes.revoked_at is null
                and mutes.muted_until > now()
                and (mutes.source is null or mutes.source = staged_groups.source)
                and (mutes.template_id is null or mutes.template_id = staged_groups.template_id)
        )
),

-- Of these, all logs there ever were came with this chunk. A rehearsal counts none into templates.
new_templates as materialized (
    select
        staged.template_id,
        staged.source,
        staged.first_seen_at
    from (
        select
            template_id,
            min(source) as source,
            min(first_at) as first_seen_at,
            sum(count_logs) as count_logs
        from staged_groups
        where
            template_id in (
                select candidates.template_id from candidates
                where candidates.kind = 'new_template'
            )
        group by template_id
    ) as staged
    left join log_templates using (template_id)
    where log_templates.count_logs is not distinct from case when %(are_counted)s then staged.count_logs end
),

-- Wrong clocks do not tell when a source began.
beginnings as materialized (
    select
        staged_groups.source,
        least(
            min(staged_groups.first_at) filter (
                where
                staged_groups.first_at >= '1990-01-01 00:00:00+00'
                and staged_groups.first_at < '2100-01-01 00:00:00+00'
            ),
            (
                select min(log_templates.first_seen_at)
                from log_templates
                where
                    log_templates.source = staged_groups.source
                    and log_templates.first_seen_at >= '1990-01-01 00:00:00+00'
                    and log_templates.first_seen_at < '2100-01-01 00:00:00+00'
            )
        ) as began_at
    from staged_groups
    where staged_groups.source in (select new_templates.source from new_templates)
    group by staged_groups.source
),

-- Of a source that only begins, every pattern is new.
news as materialized (
    select new_templates.template_id
    from new_templates
    inner join beginnings using (source)
    where new_templates.first_seen_at > beginnings.began_at + interval '1 day'
)

select distinct on (fingerprint)
    concat_ws('@', template_id || ':' || (first_at at time zone 'UTC')::date, channel) as fingerprint,
    rule_id,
    severity,
    source,
    template_id,
    count_logs,
    first_at as first_logged_at,
    example_log_entry_id,
    example_logged_at,
    concat_ws(E'\n', case when kind = 'new_template' then 'a new pattern of ' || source end, nullif(reasons, ''))
        as reasons
from candidates
where kind <> 'new_template' or template_id in (select news.template_id from news)
order by fingerprint asc, rule_id asc, severity desc, first_at asc;
