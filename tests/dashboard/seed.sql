-- A small installation for the page: five programs over three days, one over four.
-- Counts do not depend on chance, so a run draws the same page as the last one.

create temporary table shapes (
    template_id bigint, source text, text text, message text, declared text, predicted log_level,
    confidence real, every interval, first_ago interval, last_ago interval,
    is_anomaly boolean, score real, severity log_severity, reasons text
) on commit drop;

insert into shapes values
(9007199254740993, 'nginx', 'get <path> http <num> <num>', 'GET /catalogue/%s HTTP/1.1 200 5120', null, 'INFO', 0.97,
    '2 minutes', '98 hours', '1 minute', false, 0.04, 'low', ''),
(9007199254740994, 'nginx', 'upstream timed out connection timed out while connecting to upstream',
    'upstream timed out (110: Connection timed out) while connecting to upstream, client: 10.0.4.%s, upstream: "http://127.0.0.1:9001/orders"',
    'error', 'ERROR', 0.94, '20 minutes', '30 hours', '26 hours', true, 0.91, 'high',
    E'upstream timeouts rose to 12 an hour; the 7 days before had 0.2\npredicted ERROR with 94 % confidence'),
-- Far more than that hour of the days before.
(9007199254741009, 'nginx', 'limiting requests excess <num>', 'limiting requests, excess: 20.%s by zone "perip"', 'warn', 'WARN', 0.9,
    '40 seconds', '7 hours', '6 hours', true, 0.7, 'medium', '90 in an hour; usual is 0'),
(-7007199254740995, 'postgres', 'checkpoint complete wrote <num> buffers', 'checkpoint complete: wrote %s buffers (0.4%%); 0 WAL file(s) added',
    'LOG', 'INFO', 0.99, '5 minutes', '72 hours', '3 minutes', false, 0.02, 'low', ''),
(9007199254740996, 'postgres', 'deadlock detected', 'deadlock detected: Process %s waits for ShareLock on transaction 7741; blocked by process 3391.',
    'ERROR', 'ERROR', 0.98, '31 minutes', '9 hours', '5 hours', true, 0.97, 'critical',
    E'first seen 9 h ago, and 8 times since\nwords that training never saw: sharelock\npredicted ERROR with 98 % confidence'),
(9007199254740997, 'postgres', 'connection received host <ip> port <num>', 'connection received: host=127.0.0.1 port=%s',
    'LOG', 'INFO', 0.96, '4 minutes', '72 hours', '2 minutes', false, 0.03, 'low', ''),
(9007199254740998, 'redis', 'db saved on disk', 'DB saved on disk (%s keys)', 'notice', 'INFO', 0.95,
    '15 minutes', '70 hours', '14 minutes', false, 0.05, 'low', ''),
(9007199254740999, 'redis', 'can t save in background fork cannot allocate memory',
    'Can''t save in background: fork: Cannot allocate memory (attempt %s)', 'warning', 'ERROR', 0.88,
    '45 minutes', '15 hours', '12 hours', true, 0.86, 'high',
    E'declared WARN, reads like ERROR\nnot seen in the 58 h before'),
(9007199254741000, 'sshd', 'accepted publickey for <user> from <ip>', 'Accepted publickey for deploy from 10.0.0.12 port %s ssh2',
    null, 'INFO', 0.93, '30 minutes', '72 hours', '10 minutes', false, 0.06, 'low', ''),
(9007199254741001, 'sshd', 'failed password for invalid user <user> from <ip>',
    'Failed password for invalid user admin from 203.0.113.9 port %s ssh2', null, 'WARN', 0.81,
    '90 seconds', '4 hours', '3 hours', true, 0.78, 'medium', E'40 times in an hour; usual is 1\nrare pattern: 0.3 % of this source'),
(9007199254741002, 'shop', 'order <num> paid in <num> ms', 'order %s paid in 41 ms', 'INFO', 'INFO', 0.98,
    '3 minutes', '71 hours', '2 minutes', false, 0.03, 'low', ''),
(9007199254741003, 'shop', 'cache miss for product <num>', 'cache miss for product %s', 'DEBUG', 'DEBUG', 0.9,
    '6 minutes', '71 hours', '4 minutes', false, 0.04, 'low', ''),
(9007199254741004, 'shop', 'payment provider refused <num> retrying', 'payment provider refused %s, retrying', 'INFO', 'WARN', 0.83,
    '50 minutes', '40 hours', '1 hour', false, 0.31, 'medium', ''),
(9007199254741005, 'shop', 'traceback most recent call last division by zero',
    E'Traceback (most recent call last):\n  File "shop/pricing.py", line 41, in total\n    return amount / rate\nZeroDivisionError: division by zero (order %s)',
    'ERROR', 'FATAL', 0.72, '2 hours', '11 hours', '1 hour', true, 0.95, 'critical',
    E'first seen 11 h ago\npredicted FATAL with 72 % confidence'),
-- Hostile: markup, terminal escapes and reordering marks, a megabyte.
(9007199254741006, '<b>source</b>', '<script>window.hacked = <num></script>',
    '<script>window.hacked = 1</script><img src=x onerror="window.hacked = 1"> %s', '<i>INFO</i>', 'INFO', 0.6,
    '1 day', '2 hours', '2 hours', true, 0.8, 'medium', '<img src=x onerror=alert(1)>'),
(9007199254741007, 'shop', 'terminal <esc> red', E'terminal \x1b[31mred\x1b[0m bell \x07 reversed \u202Etxt.exe zero\u200Bwidth',
    'INFO', 'INFO', 0.9, '1 day', '3 hours', '3 hours', false, 0.1, 'low', ''),
(9007199254741008, 'shop', 'megabyte', 'megabyte ' || repeat('x', 1000000),
    'INFO', 'INFO', 0.9, '1 day', '4 hours', '4 hours', false, 0.1, 'low', '');

insert into ml_models (version, role, manifest, registered_at) values
('4f2c9a1be07d', 'champion',
    '{"score_histogram": [900, 40, 20, 20, 5, 5, 3, 3, 2, 2], "count_training_logs": 1000}', now() - interval '4 days'),
('b81d55c02e6f', 'retired', '{"score_histogram": [900, 40, 20, 20, 5, 5, 3, 3, 2, 2], "count_training_logs": 1000}',
    now() - interval '9 days');

insert into log_entries (logged_at, source, level, message, trace_id, attributes)
select
    ticks.logged_at,
    shapes.source,
    shapes.declared,
    format(shapes.message, 100 + ticks.position),
    -- Every six minutes an order: a cache miss and two payments, but one of a single payment.
    case shapes.template_id
        when 9007199254741002 then case when ticks.position <> 1402 then 'order-' || (ticks.position - 1) / 2 end
        when 9007199254741003 then 'order-' || ticks.position - 1
    end,
    jsonb_build_object('template_id', shapes.template_id)
from shapes
cross join lateral (
    select logged_at, row_number() over (order by logged_at) as position
    from generate_series(now() - shapes.first_ago, now() - shapes.last_ago, shapes.every) as times (logged_at)
) as ticks
order by ticks.logged_at, shapes.template_id;

insert into ml_batches (
    status, model_id, started_at, finished_at, count_logs, count_anomalies, count_new_templates,
    count_alerts_left_out, step_seconds, score_histogram, count_words, count_unseen_words
)
select 'done', 1, now() - ago, now() - ago + interval '4 seconds', 2000, 30, 4,
    case when ago < interval '1 hour' then 7 else 0 end,
    '{"read": 0.4, "infer": 0.9, "write": 1.1, "refresh": 0.8}',
    array[1800, 80, 40, 30, 10, 10, 8, 8, 7, 7 + extract(hours from ago)::int], 20000, 120
from unnest(array[
    interval '66 hours', '60 hours', '54 hours', '48 hours', '42 hours', '33 hours', '27 hours', '21 hours',
    '15 hours', '9 hours', '12 minutes'
]) as past (ago);

select ensure_partitions(array_agg(distinct (logged_at at time zone 'UTC')::date)) from log_entries;

insert into ml_predictions
select
    logs.id, logs.logged_at, shapes.template_id, now(), shapes.predicted, shapes.confidence, shapes.score,
    shapes.severity, 11, 1, shapes.is_anomaly, shapes.reasons
from log_entries as logs
inner join shapes on (logs.attributes ->> 'template_id')::bigint = shapes.template_id;

insert into log_templates
select
    shapes.template_id, 1, shapes.source, shapes.text, min(scored.logged_at), max(scored.logged_at), count(*),
    count(*) filter (where scored.is_anomaly), shapes.predicted, shapes.confidence,
    max(scored.log_entry_id), max(scored.logged_at)
from ml_predictions as scored
inner join shapes using (template_id)
group by shapes.template_id, shapes.source, shapes.text, shapes.predicted, shapes.confidence;

insert into template_hourly
select template_id, date_trunc('hour', logged_at), count(*), count(*) filter (where is_anomaly)
from ml_predictions group by 1, 2;

create temporary table declared on commit drop as
select
    scored.*,
    shapes.source,
    case upper(shapes.declared)
        when 'LOG' then 'INFO' when 'NOTICE' then 'INFO' when 'WARNING' then 'WARN'
        else coalesce(upper(shapes.declared), '')
    end as declared_level
from ml_predictions as scored
inner join shapes using (template_id);

insert into prediction_hourly
select
    date_trunc('hour', logged_at), source, declared_level, predicted_level, severity, model_id,
    count(*), count(*) filter (where is_anomaly), sum(level_confidence), sum(anomaly_score)
from declared group by 1, 2, 3, 4, 5, 6;

insert into template_levels
select template_id, declared_level, predicted_level, count(*), sum(level_confidence)
from declared group by 1, 2, 3;

insert into ml_alerts (
    fingerprint, batch_id, severity, source, template_id, count_logs, first_logged_at, example_log_entry_id, reasons,
    created_at, delivered_at, count_attempts
) values
('told', 11, 'critical', 'shop', 9007199254741005, 6, now() - interval '11 hours', 1, E'first seen 11 h ago\n<b>x</b>',
    now() - interval '12 minutes', now() - interval '11 minutes', 1),
('held', 11, 'high', 'redis', 9007199254740999, 4, now() - interval '15 hours', 1, 'not seen in the 58 h before',
    now() - interval '12 minutes', null, 0),
('refused', 11, 'high', 'sshd', null, 0, now() - interval '10 minutes', null, 'silent for 9 h',
    now() - interval '12 minutes', null, 3),
('batch', 10, 'medium', 'logkiln', null, 0, now() - interval '9 hours', null, 'scores left their distribution',
    now() - interval '9 hours', null, 2);

-- Not scored yet.
insert into log_entries (logged_at, source, level, message)
select now() - interval '1 minute', 'shop', 'INFO', 'arrived after the batch' from generate_series(1, 3);
