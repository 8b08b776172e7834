-- What the model says the logs are.
drop materialized view if exists stats_levels;
create materialized view stats_levels as
with

ever as (
    select
        predicted_level,
        sum(count_logs)::bigint as count_logs,
        sum(count_anomalies)::bigint as count_anomalies,
        coalesce(sum(count_logs) filter (where declared_level <> ''), 0)::bigint as count_declared,
        coalesce(sum(count_logs) filter (where declared_level = predicted_level::text), 0)::bigint as count_agreed,
        sum(sum_confidence) as sum_confidence
    from prediction_totals
    group by predicted_level
),

recent as (
    select
        predicted_level,
        sum(count_logs)::bigint as count_logs_24h
    from prediction_hourly
    where hour_at > now() - interval '24 hours'
    group by predicted_level
)

select
    levels.level as predicted_level,
    coalesce(ever.count_logs, 0) as count_logs,
    coalesce(ever.count_anomalies, 0) as count_anomalies,
    coalesce(recent.count_logs_24h, 0) as count_logs_24h,
    coalesce(ever.count_declared, 0) as count_declared,
    coalesce(ever.count_agreed, 0) as count_agreed,
    ever.sum_confidence / ever.count_logs as mean_confidence
from unnest(enum_range(null::log_level)) as levels (level)
left join ever on levels.level = ever.predicted_level
left join recent on levels.level = recent.predicted_level;

create unique index stats_levels_key on stats_levels (predicted_level);

comment on materialized view stats_levels is 'One row per log level, all six.';
comment on column stats_levels.predicted_level is 'Level by the model.';
comment on column stats_levels.count_logs is 'Logs ever scored.';
comment on column stats_levels.count_anomalies is 'Those of them that are anomalous.';
comment on column stats_levels.count_logs_24h is 'Logs of the last 24 hours.';
comment on column stats_levels.count_declared is 'Logs whose program declared a level.';
comment on column stats_levels.count_agreed is 'Logs whose declared level is the predicted one.';
comment on column stats_levels.mean_confidence is 'Mean probability of the level, 0 to 1; null without logs.';
