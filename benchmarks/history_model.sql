-- A model, a finished batch and templates, for predictions that history_day.sql makes.
insert into ml_models (version, role, manifest)
values ('history', 'champion', '{"score_histogram": [900, 40, 20, 10, 10, 5, 5, 4, 3, 3], "count_training_logs": 1000}');

insert into log_templates
select
    number * 2654435761 - 9000000000000000000 as template_id,
    1 as normalizer_version,
    'service-' || number %% %(sources)s as source,
    'request ' || md5(number::text) || ' for <path> answered <num> in <num> ms by ' || md5(number::text || 'x') as text,
    now() as first_seen_at,
    now() as last_seen_at,
    0 as count_logs,
    0 as count_anomalies,
    (enum_range(null::log_level))[(array[3, 3, 3, 3, 3, 3, 2, 4, 5, 3])[1 + number %% 10]] as predicted_level,
    0.9 as level_confidence,
    number as example_log_entry_id,
    now() as example_logged_at
from generate_series(0, %(templates)s - 1) as number;
