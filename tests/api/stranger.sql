-- A role that was granted nothing.
do $$
begin
    create role api_stranger login;
exception when duplicate_object then null;
end
$$;
