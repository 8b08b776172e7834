-- The role's own limit is five seconds, which is long for a test.
do $$
begin
    execute format('alter role logkiln_reader in database %I set statement_timeout = %L', current_database(), '300ms');
end
$$;
