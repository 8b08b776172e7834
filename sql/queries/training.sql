-- name: logs
-- Logs to train on, in the order of arrival, in the columns that the batch reads.
copy (
    select
        id,
        logged_at,
        source,
        level,
        case when octet_length(message) > 16000 then left(message, 4000) else message end as message
    from log_source
    where ingested_at >= %(since)s::timestamptz
    order by id
) to stdout with binary;
