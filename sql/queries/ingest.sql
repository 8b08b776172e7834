-- name: copy_entries
-- Take log entries in COPY's text format; id and ingested_at are the table's own doing.
copy log_entries (logged_at, source, host, level, message, trace_id, attributes)
from stdin with (format text, encoding 'UTF8');

-- name: entries
-- All entries in the order of arrival, to look at what was loaded.
select
    id,
    logged_at,
    source,
    host,
    level,
    message,
    trace_id,
    attributes,
    ingested_at
from log_entries
order by id;

-- name: transaction_id
-- Number this transaction, to ask later whether it was committed.
select pg_current_xact_id()::text as transaction_id;

-- name: transaction_status
-- Tell whether a transaction was committed: committed, aborted, in progress; null: long forgotten.
select pg_xact_status(%(transaction_id)s::xid8) as status;
