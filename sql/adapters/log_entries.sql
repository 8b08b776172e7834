-- Back to our own table, as it was installed. Its indexes are there.

create or replace view log_source as
select
    id,
    logged_at,
    ingested_at,
    source,
    level,
    message,
    trace_id
from log_entries;
