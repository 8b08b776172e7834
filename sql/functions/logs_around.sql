-- A log and the lines of its source around it: those within a day, of at most `look` looked at on
-- either side. Planned anew each time, since the planner has to know the time, see find_logs().
drop function if exists logs_around;
create function logs_around(of_id bigint, at timestamptz, around integer, look integer)
returns table (
    place integer,
    log_entry_id bigint,
    logged_at timestamptz,
    source text,
    predicted_level log_level,
    level_confidence real,
    declared_level text,
    is_anomaly boolean,
    anomaly_score real,
    severity log_severity,
    reasons text,
    message text,
    trace_id text,
    template_id bigint,
    template_text text,
    model_id smallint,
    batch_id integer,
    predicted_at timestamptz
)
language plpgsql
stable
security definer
set search_path from current
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
    of_source text;
    day_before timestamptz;
    day_after timestamptz;
begin
    at := coalesce(at, (select max(logs.logged_at) from log_source as logs where logs.id = of_id));
    -- Computed here, since the planner does not.
    day_before := at - interval '1 day';
    day_after := at + interval '1 day';
    of_source := (
        select log_templates.source
        from ml_predictions as predictions
        inner join log_templates on predictions.template_id = log_templates.template_id
        where predictions.logged_at = at and predictions.log_entry_id = of_id
    );
    return query
    with

    before as (
        select *
        from ml_predictions as predictions
        where
            predictions.logged_at between day_before and at
            and (predictions.logged_at, predictions.log_entry_id) < (at, of_id)
        order by predictions.logged_at desc, predictions.log_entry_id desc
        -- In a query of its own, so that the planner follows the index, see find_logs().
        limit (select look)
    ),

    after as (
        select *
        from ml_predictions as predictions
        where
            predictions.logged_at between at and day_after
            and (predictions.logged_at, predictions.log_entry_id) >= (at, of_id)
        order by predictions.logged_at asc, predictions.log_entry_id asc
        limit (select look)
    ),

    rows as (
        (
            select
                before.*,
                true as is_before
            from before
            where of_source = (select source from log_templates where log_templates.template_id = before.template_id)
            limit around
        )
        union all
        (
            select
                after.*,
                false as is_before
            from after
            where of_source = (select source from log_templates where log_templates.template_id = after.template_id)
            limit around + 1
        )
    )

    select
        case when rows.log_entry_id = of_id and rows.logged_at = at then 0 when rows.is_before then -1 else 1 end,
        rows.log_entry_id,
        rows.logged_at,
        log_templates.source,
        rows.predicted_level,
        rows.level_confidence,
        logs.level,
        rows.is_anomaly,
        rows.anomaly_score,
        rows.severity,
        rows.reasons,
        logs.message,
        logs.trace_id,
        rows.template_id,
        log_templates.text,
        rows.model_id,
        rows.batch_id,
        rows.predicted_at
    from rows
    inner join log_templates on rows.template_id = log_templates.template_id
    left join log_source as logs on rows.log_entry_id = logs.id and rows.logged_at = logs.logged_at
    order by rows.logged_at, rows.log_entry_id;
end
$$;

comment on function logs_around is
'A scored log and so many lines of its source before (place -1) and after it (place 1), in their order.';
