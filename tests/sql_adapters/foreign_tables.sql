-- name: rsyslog_table
-- As Debian's rsyslog-pgsql 8.2302 makes it, but for columns that ompgsql leaves empty.
create table systemevents (
    id serial not null primary key,
    customerid bigint,
    receivedat timestamp without time zone null,
    devicereportedtime timestamp without time zone null,
    facility smallint null,
    priority smallint null,
    fromhost varchar(60) null,
    message text,
    infounitid int null,
    syslogtag varchar(60)
);

-- name: rsyslog_rows
-- As the standard template of ompgsql writes them; the last one waited in a queue for a day.
insert into systemevents (
    message, facility, fromhost, priority, devicereportedtime, receivedat, infounitid, syslogtag
)
values
(' Accepted publickey for root', 10, 'web-1', 6, '2026-03-02 10:00:00', '2026-03-02 10:00:01', 1, 'sshd[4711]:'),
(' Out of memory: Killed process 7', 0, 'web-1', 2, '2026-03-02 10:00:00', '2026-03-02 10:00:01', 1, 'kernel:'),
(' waited', 3, 'web-1', 4, null, '2026-03-01 10:00:00', 1, 'my-app/worker[1]:');

-- name: fluent_bit_table
-- As the plugin makes it.
create table fluentbit (tag varchar, time timestamp, data jsonb);

-- name: fluent_bit_rows
-- As the plugin writes them, by position; the last two are equal in all that it writes.
insert into fluentbit
select
    'kube.app' as tag,
    to_timestamp(cast(value ->> 'date' as float)) at time zone 'utc' as time,
    value as data
from json_array_elements(
    '[{"date": 1772445600.5, "log": "request took 5 ms", "level": "info", "kubernetes": {"container_name": "shop"}},
      {"date": 1772445601.0, "answer": 42},
      {"date": 1772445602.0, "message": "again", "ident": "cron", "severity": "error", "trace_id": "t-1"},
      {"date": 1772445602.0, "message": "again", "ident": "cron", "severity": "error", "trace_id": "t-1"}]'
);

-- name: vector_table
-- As the adapter's head says.
create table vector_logs (
    timestamp timestamptz, host text, appname text, severity text, message text, trace_id text
);

-- name: vector_rows
-- As the sink writes them: null for every column that an event lacks, its own included.
insert into vector_logs
select * from jsonb_populate_recordset(
    null::vector_logs,
    '[{"timestamp": "2026-03-02T10:00:00Z", "host": "web-1", "appname": "nginx", "severity": "err", "message": "refused"},
      {"host": "web-1", "message": "no program, no time", "more": {"is": "left out"}}]'
);

-- name: uuid_key_table
-- As the adapter's head says.
create table app_logs (
    id uuid primary key, created_at timestamptz not null, service text not null,
    severity text, body text not null, request_id text
);

-- name: uuid_key_rows
-- Equal in all but their keys.
insert into app_logs
select gen_random_uuid(), '2026-03-02 10:00:00Z', 'shop', 'warning', 'paid twice', 'r-1'
from generate_series(1, 3);

-- name: composite_key_table
-- As the adapter's head says.
create table tenant_logs (
    tenant text, line bigint, happened_at timestamptz not null, program text not null,
    level text, line_text text not null, primary key (tenant, line)
);

-- name: composite_key_rows
-- Keys that would be one, were their parts not set apart.
insert into tenant_logs
values
('1', 1, '2026-03-02 10:00:00Z', 'shop', null, 'one'),
('', 11, '2026-03-02 10:00:00Z', 'shop', 'info', 'eleven'),
('11', 1, '2026-03-02 10:00:00Z', 'shop', 'info', 'one of eleven');

-- name: adapted
-- What the batch and people read of the table behind, in a stated order.
select
    logs.source,
    logs.level,
    logs.message,
    logs.trace_id,
    (logs.logged_at at time zone 'utc')::text as logged_at,
    logs.ingested_at > now() - interval '1 hour' as has_arrived,
    logs.logged_at between now() - interval '5 minutes' and now() + interval '5 seconds' as is_timely
from log_source as logs
order by logs.source, logs.message;

-- name: served
-- What was predicted of them, with their messages.
select source, declared_level, message, trace_id, (logged_at at time zone 'utc')::text as logged_at
from scored_logs
order by source, message;

-- name: without_scans
-- Make the planner read a whole table only where no index serves.
set local enable_seqscan = off;

-- name: plan_of_arrivals
-- How the logs of a window are found.
explain select id from log_source where ingested_at >= now() - interval '5 minutes';

-- name: plan_of_one
-- How one log is found.
explain select message from log_source where id = 42 and logged_at = now();
