-- Whether a time falls into quiet hours, which may go past midnight.
create or replace function is_quiet(quiet_from time, quiet_until time, time_zone text, at timestamptz)
returns boolean
language sql
stable
as $$
    select coalesce(
        case
            when quiet_from < quiet_until
                then
                    (at at time zone time_zone)::time >= quiet_from
                    and (at at time zone time_zone)::time < quiet_until
            else (at at time zone time_zone)::time >= quiet_from or (at at time zone time_zone)::time < quiet_until
        end,
        false
    );
$$;

comment on function is_quiet(
    time, time, text, timestamptz
) is 'Whether a time is in quiet hours; without any it is not.';
