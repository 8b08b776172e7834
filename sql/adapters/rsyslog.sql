-- For the table SystemEvents that rsyslog's ompgsql writes (Debian: rsyslog-pgsql).
--
-- Rsyslog writes times without their zone, in that of its machine. Here they are taken for UTC; put
-- another zone, such as 'europe/berlin', in place of both 'utc', or let the template of rsyslog write UTC.
-- ReceivedAt is no time of arrival here: what waits in a queue of rsyslog is inserted with an old one,
-- behind the horizon of batches. So the server notes the arrival in a column of its own, which
-- rsyslog, who names the columns that it fills, does not see. To add it rewrites nothing.

alter table systemevents add column if not exists ingested_at timestamptz not null default now();
create index if not exists systemevents_ingested_at on systemevents (ingested_at);
-- Its id is an integer, whose primary key does not find a bigint.
create index if not exists systemevents_bigint_id on systemevents ((id::bigint));

create or replace view log_source as
select
    id::bigint as id,
    coalesce(devicereportedtime at time zone 'utc', receivedat at time zone 'utc', ingested_at) as logged_at,
    ingested_at,
    -- The tag sshd[4711]: is of the program sshd.
    coalesce(nullif(regexp_replace(syslogtag, '(\[[^]]*\])?:?\s*$', ''), ''), 'unknown') as source,
    -- Severities of RFC 5424, from 0.
    (array['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'])[priority + 1] as level,
    coalesce(ltrim(message), '') as message,
    null::text as trace_id
from systemevents;

-- A view reads with the rights of its owner.
do $$
begin
    execute 'grant select on systemevents to '
    || (select relowner::regrole::text from pg_class where oid = 'log_source'::regclass);
end
$$;
