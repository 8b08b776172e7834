-- What a restart of the server or an impatient pooler does to the function's connections.
select pg_terminate_backend(pid)
from pg_stat_activity
where application_name = 'logkiln-api' and datname = current_database();
