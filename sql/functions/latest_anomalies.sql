-- The latest anomalous predictions. The daily rollup tells how far back that many lie, and with that
-- day as a constant the planner passes over the older partitions: of four hundred, planning alone
-- would take 30 ms and a lock on each.
create or replace function latest_anomalies(most integer)
returns setof ml_predictions
language plpgsql
stable
security definer
set search_path from current
set plan_cache_mode = force_custom_plan
as $$
declare
    first_day date;
    last_day date;
    days integer := 1;
    from_day date;
    from_at timestamptz;
begin
    -- A log may be dated infinity; from such a day nothing can be counted back.
    select min(day), max(day) into first_day, last_day
    from prediction_daily
    where isfinite(day);
    from_day := last_day;
    while
        from_day > first_day
        and (select coalesce(sum(count_anomalies), 0) from prediction_daily where day > from_day) < most
    loop
        from_day := last_day - least(days, last_day - first_day);
        days := days * 4;
    end loop;
    -- The first day of all stands for those before it, too, which prune took out of the rollup.
    if from_day > first_day then
        from_at := from_day::timestamp at time zone 'UTC';
    end if;
    return query
    select *
    from ml_predictions
    where
        is_anomaly
        and logged_at >= coalesce(from_at, '-infinity')
    order by logged_at desc, log_entry_id desc
    limit most;
end
$$;

comment on function latest_anomalies(integer) is 'The latest anomalous predictions by time of log, at most so many.';
