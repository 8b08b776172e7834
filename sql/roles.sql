-- Who may do what. Roles belong to the whole server, so they are made once and granted per schema.
-- logkiln_owner owns everything; logkiln_batch scores; logkiln_reader selects from views and calls
-- what those call; logkiln_writer judges and mutes by four functions, and can do nothing else.
-- What the connected user may not do is left out, for an administrator to do: see docs/dba.md.

do $$
declare
    wanted text;
begin
    foreach wanted in array array['logkiln_owner', 'logkiln_batch', 'logkiln_reader', 'logkiln_writer'] loop
        continue when to_regrole(wanted) is not null;
        begin
            execute format('create role %I login', wanted);
            execute format('comment on role %I is %L', wanted, 'Made by Logkiln.');
        exception
            when duplicate_object or unique_violation then null; -- Another installation made it just now.
        end;
    end loop;
end
$$;

-- Limits stand on the role, since a pooler neither passes nor resets settings of a session. The batch
-- holds its lock in a transaction that is idle meanwhile, against what a provider may have set.
do $$
declare
    setting record;
begin
    for setting in
        select *
        from (values
            ('logkiln_reader', 'default_transaction_read_only', 'on'),
            ('logkiln_reader', 'statement_timeout', '5s'),
            ('logkiln_reader', 'lock_timeout', '2s'),
            ('logkiln_reader', 'idle_in_transaction_session_timeout', '30s'),
            ('logkiln_writer', 'statement_timeout', '5s'),
            ('logkiln_writer', 'lock_timeout', '2s'),
            ('logkiln_writer', 'idle_in_transaction_session_timeout', '30s'),
            ('logkiln_batch', 'statement_timeout', '1h'),
            ('logkiln_batch', 'idle_in_transaction_session_timeout', '0')
        ) as settings (role_name, name, value)
        where not exists (
            select from pg_roles
            where
                pg_roles.rolname = settings.role_name
                and settings.name || '=' || settings.value = any(pg_roles.rolconfig)
        )
    loop
        execute format('alter role %I set %I = %L', setting.role_name, setting.name, setting.value);
    end loop;
exception
    when insufficient_privilege then
        raise notice 'the limits of roles were left as they are: %', sqlerrm;
end
$$;

-- To hand things over, one has to be a member; whoever made the role is, and stays able to migrate.
do $$
begin
    if not (select rolsuper from pg_roles where rolname = current_user) then
        execute format('grant logkiln_owner to %I', current_user);
    end if;
exception
    when insufficient_privilege or undefined_object then
        raise notice 'everything stays owned by %: %', current_user, sqlerrm;
end
$$;

-- Without it settled_until() cannot see how long other users' transactions are open, and allows for
-- ten minutes: right, but more logs are looked at after every batch.
do $$
begin
    if not pg_has_role('logkiln_owner', 'pg_read_all_stats', 'usage') then
        grant pg_read_all_stats to logkiln_owner;
    end if;
exception
    when insufficient_privilege or undefined_object then
        raise notice 'logkiln_owner cannot see the sessions of others: %', sqlerrm;
end
$$;

do $$
declare
    served record;
begin
    execute format(
        'grant usage on schema %I to logkiln_owner, logkiln_batch, logkiln_reader, logkiln_writer', current_schema()
    );
    execute format('grant create on schema %I to logkiln_owner', current_schema());
    for served in
        select
            split_part(name, '/', 1) as folder,
            split_part(name, '/', 2) as name
        from logkiln_migrations
        where name like 'views/%' or name like 'functions/%'
    loop
        if served.folder = 'views' then
            execute format('grant select on %I to logkiln_batch, logkiln_reader', served.name);
        else
            -- Anybody may call a function until that is taken back.
            execute format('revoke execute on function %I from public', served.name);
        end if;
    end loop;
end
$$;

grant select on
log_source, ml_feedback, ml_mutes, alert_rules, ml_schedule, ml_pruned, prediction_totals
to logkiln_batch;
grant select, insert, update on
ml_models, ml_batches, log_templates, template_hourly, prediction_hourly, template_levels, ml_alerts,
alert_messages, alert_deliveries
to logkiln_batch;
grant select, insert, update on shadow_daily, shadow_feedback to logkiln_batch;
grant select, insert on ml_decisions, ml_decision_checks to logkiln_batch;
grant insert on ml_mutes to logkiln_batch;
grant select, insert, delete on ml_predictions, shadow_predictions to logkiln_batch;
grant execute on function
refresh_stats(), refresh_alerts(), ensure_partitions(date[]), settled_until(), scored_horizon(), unscored_logs(),
is_muted(text, bigint), is_quiet(time, time, text, timestamptz), last_batch(), oldest_unscored(), source_hours(),
shadow_figures(), declared_log_level(text)
to logkiln_batch;
-- What the live views call is called by who reads them.
grant execute on function last_batch(), oldest_unscored() to logkiln_reader;
-- Without their arguments, since no other functions have these names.
grant execute on function find_logs, logs_around to logkiln_reader;
grant execute on function
submit_feedback(bigint, timestamptz, bigint, text, text, text),
revoke_feedback(bigint, text),
mute(text, bigint, interval, text, text),
unmute(bigint, text)
to logkiln_writer;
