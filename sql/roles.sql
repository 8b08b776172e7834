-- Who may do what. Roles belong to the whole server, so they are made once and granted per database.
-- Without the right to create roles this file is skipped and the grants are the owner's to make.

do $$
begin
    create role logkiln_batch login;
exception when duplicate_object or unique_violation then null;
end
$$;

do $$
begin
    create role logkiln_reader login;
exception when duplicate_object or unique_violation then null;
end
$$;

-- Of people who judge and mute: it can do that by four functions, and nothing else.
do $$
begin
    create role logkiln_writer login;
exception when duplicate_object or unique_violation then null;
end
$$;

-- Limits stand on the role, since a pooler neither passes nor resets settings of a session.
do $$
begin
    if not exists (
        select from pg_roles
        where rolname = 'logkiln_reader' and 'statement_timeout=5s' = any(rolconfig)
    ) then
        alter role logkiln_reader set statement_timeout = '5s';
        alter role logkiln_reader set default_transaction_read_only = on;
    end if;
    if not exists (
        select from pg_roles
        where rolname = 'logkiln_writer' and 'statement_timeout=5s' = any(rolconfig)
    ) then
        alter role logkiln_writer set statement_timeout = '5s';
    end if;
end
$$;

do $$
declare
    served text;
begin
    execute format('grant usage on schema %I to logkiln_batch, logkiln_reader, logkiln_writer', current_schema());
    for served in
        select split_part(name, '/', 2) from logkiln_migrations
        where name like 'views/%'
    loop
        execute format('grant select on %I to logkiln_batch, logkiln_reader', served);
    end loop;
end
$$;

grant select on scored_logs to logkiln_batch, logkiln_reader;
grant select on log_source, ml_feedback, ml_mutes to logkiln_batch;
grant select, insert, update on
ml_models, ml_batches, log_templates, template_hourly, prediction_hourly, template_levels, ml_alerts,
alert_messages, alert_deliveries
to logkiln_batch;
grant select on alert_rules, ml_schedule to logkiln_batch;
grant insert on ml_mutes to logkiln_batch;
grant select, insert, update, delete on ml_predictions, shadow_predictions to logkiln_batch;
grant execute on function refresh_stats(), refresh_alerts(), ensure_partitions(date[]) to logkiln_batch;
revoke execute
on function refresh_stats(), refresh_alerts(), ensure_partitions(date[]), has_daily_partitions(text, date)
from public;
grant execute on function
submit_feedback(bigint, timestamptz, bigint, text, text, text),
revoke_feedback(bigint, text),
mute(text, bigint, interval, text, text),
unmute(bigint, text)
to logkiln_writer;
