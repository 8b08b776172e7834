-- One template came every hour and has been silent for half a day.
delete from template_hourly where template_id = 1003;

insert into template_hourly
select
    1003 as template_id,
    hours.hour_at,
    5 as count_logs,
    0 as count_anomalies
from generate_series(
    date_trunc('hour', now()) - interval '72 hours', date_trunc('hour', now()) - interval '12 hours', interval '1 hour'
) as hours (hour_at);

update log_templates
set
    first_seen_at = date_trunc('hour', now()) - interval '72 hours',
    last_seen_at = date_trunc('hour', now()) - interval '12 hours'
where template_id = 1003;

select refresh_stats();
