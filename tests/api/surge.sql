-- In the hour now running, two templates come far more often than before; one of them is new.
insert into template_hourly
select
    template_id,
    date_trunc('hour', now()) + interval '1 minute' as hour_at,
    500 as count_logs,
    0 as count_anomalies
from log_templates
where template_id in (1003, 1004);

update log_templates set first_seen_at = now() - interval '10 minutes' where template_id = 1004;

select refresh_stats();
