-- In the hour now running, two templates come far more often than before; one of them is new.
insert into template_hourly as stored
select
    template_id,
    date_trunc('hour', now()) as hour_at,
    500 as count_logs,
    0 as count_anomalies
from log_templates
where template_id in (1003, 1004)
on conflict (template_id, hour_at) do update set count_logs = stored.count_logs + excluded.count_logs;

delete from template_hourly
where template_id = 1004 and hour_at < date_trunc('hour', now());

update log_templates set first_seen_at = now() - interval '10 minutes' where template_id = 1004;

select refresh_stats();
