-- What the model says the logs are.
drop materialized view if exists stats_levels;
create materialized view stats_levels as
with

counted as (
    select
        predicted_level,
        sum(count_logs) as count_logs,
        sum(count_anomalies) as count_anomalies,
        sum(count_logs) filter (where hour_at > now() - interval '24 hours') as count_logs_24h,
        sum(count_logs) filter (where declared_level <> '') as count_declared,
        sum(count_logs) filter (where declared_level = predicted_level::text) as count_agreed,
        sum(sum_confidence) as sum_confidence
    from prediction_hourly
    group by predicted_level
)

select
    levels.level as predicted_level,
    coalesce(counted.count_logs, 0)::bigint as count_logs,
    coalesce(counted.count_anomalies, 0)::bigint as count_anomalies,
    coalesce(counted.count_logs_24h, 0)::bigint as count_logs_24h,
    coalesce(counted.count_declared, 0)::bigint as count_declared,
    coalesce(counted.count_agreed, 0)::bigint as count_agreed,
    counted.sum_confidence / counted.count_logs as mean_confidence
from unnest(enum_range(null::log_level)) as levels (level)
left join counted on levels.level = counted.predicted_level;

create unique index stats_levels_key on stats_levels (predicted_level);

comment on materialized view stats_levels is 'One row per log level, all six.';
comment on column stats_levels.predicted_level is 'Level by the model.';
comment on column stats_levels.count_logs is 'Logs ever scored.';
comment on column stats_levels.count_anomalies is 'Those of them that are anomalous.';
comment on column stats_levels.count_logs_24h is 'Logs of the last 24 hours.';
comment on column stats_levels.count_declared is 'Logs whose program declared a level.';
comment on column stats_levels.count_agreed is 'Logs whose declared level is the predicted one.';
comment on column stats_levels.mean_confidence is 'Mean probability of the level, 0 to 1; null without logs.';
