-- The rollups know in which hours there is nothing to be found, so that a search need not look there:
-- first by day, since a source may have been silent for months, then by hour.
create or replace function hour_with_logs(
    until_at timestamptz,
    but_at timestamptz,
    of_source text,
    of_levels log_level[],
    of_severities log_severity[],
    of_anomaly boolean,
    of_template bigint,
    of_model bigint
)
returns timestamptz
language plpgsql
stable
security definer
set search_path from current
as $$
declare
    last_day date := (until_at at time zone 'UTC')::date;
    searched_day date;
    day_at timestamptz;
    found_at timestamptz;
begin
    if of_template is not null then
        return (
            select hour_at
            from template_hourly
            where
                template_id = of_template
                and hour_at <= until_at
                and hour_at is distinct from but_at
                and (count_anomalies > 0 or of_anomaly is not true)
            order by hour_at desc
            limit 1
        );
    end if;
    while found_at is null loop
        last_day := (
            select day
            from prediction_daily
            where
                day <= last_day
                and day is distinct from searched_day
                and (of_source is null or source = of_source)
                and (of_levels is null or predicted_level = any(of_levels))
                and (of_severities is null or severity = any(of_severities))
                and (of_model is null or model_id = of_model)
                and (count_anomalies > 0 or of_anomaly is not true)
            order by day desc
            limit 1
        );
        exit when last_day is null;
        day_at := last_day::timestamp at time zone 'UTC';
        found_at := (
            select hour_at
            from prediction_hourly
            where
                hour_at between day_at and until_at
                and (hour_at < day_at + interval '1 day' or hour_at = day_at)
                and hour_at is distinct from but_at
                and (of_source is null or source = of_source)
                and (of_levels is null or predicted_level = any(of_levels))
                and (of_severities is null or severity = any(of_severities))
                and (of_model is null or model_id = of_model)
                and (count_anomalies > 0 or of_anomaly is not true)
            order by hour_at desc
            limit 1
        );
        searched_day := last_day;
    end loop;
    return found_at;
end
$$;

comment on function hour_with_logs(
    timestamptz, timestamptz, text, log_level[], log_severity[], boolean, bigint, bigint
) is
'The latest hour up to a time, but for one, in which there are such logs, by the rollups; null: none.';
