-- For a table of your own whose key is several columns:
--   create table tenant_logs (
--       tenant text, line bigint, happened_at timestamptz not null, program text not null,
--       level text, line_text text not null, primary key (tenant, line)
--   );
-- Name yours, and its columns, in place of these.
--
-- The bigint is a hash of the key's parts, set apart by a character that the first of them does not
-- hold. Write it with ||, since an index takes no concat(). How likely two are the same: see uuid_key.sql.
-- The server notes the arrival in a column of its own: happened_at may be older than its transaction.

alter table tenant_logs add column if not exists ingested_at timestamptz not null default now();
create index if not exists tenant_logs_ingested_at on tenant_logs (ingested_at);
create index if not exists tenant_logs_hash on tenant_logs (hashtextextended(line::text || '/' || tenant, 0));

create or replace view log_source as
select
    hashtextextended(line::text || '/' || tenant, 0) as id,
    happened_at as logged_at,
    ingested_at,
    program as source,
    level,
    line_text as message,
    null::text as trace_id
from tenant_logs;

-- A view reads with the rights of its owner.
do $$
begin
    execute 'grant select on tenant_logs to '
    || (select relowner::regrole::text from pg_class where oid = 'log_source'::regclass);
end
$$;
