-- For a table of your own whose key is a uuid, or any other single value:
--   create table app_logs (
--       id uuid primary key, created_at timestamptz not null, service text not null,
--       severity text, body text not null, request_id text
--   );
-- Name yours, and its columns, in place of these.
--
-- The bigint is a hash of the key. Among n rows, the chance that any two have the same is about
-- n² / 2^65: one in 41,000 at 30 million rows, one in 37 at a billion. Predictions are told apart by
-- time too, so that such two are in each other's way only if they are of the same microsecond.
-- The server notes the arrival in a column of its own: created_at may be older than its transaction.

alter table app_logs add column if not exists ingested_at timestamptz not null default now();
create index if not exists app_logs_ingested_at on app_logs (ingested_at);
create index if not exists app_logs_hash on app_logs (hashtextextended(id::text, 0));

create or replace view log_source as
select
    hashtextextended(id::text, 0) as id,
    created_at as logged_at,
    ingested_at,
    service as source,
    severity as level,
    body as message,
    request_id as trace_id
from app_logs;

-- A view reads with the rights of its owner.
do $$
begin
    execute 'grant select on app_logs to '
    || (select relowner::regrole::text from pg_class where oid = 'log_source'::regclass);
end
$$;
