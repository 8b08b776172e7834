-- The log_level that a program's own level stands for; empty where unknown. The same names as the
-- scorer's (scoring/levels.py): a test holds the two against each other.
create or replace function declared_log_level(level text) returns text
language sql
immutable
parallel safe
as $$
    select case
        when name in ('TRACE', 'FINEST', 'FINER', 'VERBOSE', 'DEBUG5', 'DEBUG4', 'DEBUG3', 'DEBUG2', 'SILLY', 'T')
            then 'TRACE'
        when name in ('DEBUG', 'DBG', 'FINE', 'CONFIG', 'DEBUG1', 'D', '7') then 'DEBUG'
        when name in ('INFO', 'INFORMATION', 'INFORMATIONAL', 'NOTICE', 'LOG', 'STATEMENT', 'HINT', 'DETAIL', 'NOTE')
            then 'INFO'
        when name in ('I', 'N', '6', '5') then 'INFO'
        when name in ('WARN', 'WARNING', 'WRN', 'W', '4') then 'WARN'
        when name in ('ERROR', 'ERR', 'SEVERE', 'FAILURE', 'E', '3') then 'ERROR'
        when name in ('FATAL', 'CRITICAL', 'CRIT', 'ALERT', 'EMERG', 'EMERGENCY', 'PANIC', 'F', 'C', '2', '1', '0')
            then 'FATAL'
        else ''
    end
    from (select upper(btrim(btrim(level, e' \t\n\r\f\x0b\x1c\x1d\x1e\x1f'), '[]<>:'))) as names (name);
$$;

comment on function declared_log_level(text) is
'The log_level that a declared level stands for, as text; empty where unknown.';
