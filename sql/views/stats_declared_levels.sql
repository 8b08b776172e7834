-- Declared against predicted: where programs and model agree, and where not.
drop materialized view if exists stats_declared_levels;
create materialized view stats_declared_levels as
select
    source,
    declared_level,
    predicted_level,
    sum(count_logs)::bigint as count_logs,
    sum(count_anomalies)::bigint as count_anomalies,
    sum(sum_confidence) / sum(count_logs) as mean_confidence
from prediction_totals
group by source, declared_level, predicted_level;

create unique index stats_declared_levels_key on stats_declared_levels (source, declared_level, predicted_level);

comment on materialized view stats_declared_levels is
'One row per source, declared level and predicted level that occurred together.';
comment on column stats_declared_levels.source is 'Program or service.';
comment on column stats_declared_levels.declared_level is 'Declared level as a log_level; empty where none.';
comment on column stats_declared_levels.predicted_level is 'Level by the model.';
comment on column stats_declared_levels.count_logs is 'Logs ever scored.';
comment on column stats_declared_levels.count_anomalies is 'Those of them that are anomalous.';
comment on column stats_declared_levels.mean_confidence is 'Mean probability of the predicted level, 0 to 1.';
