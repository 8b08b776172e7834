-- Scored logs that fit, newest first, with what may be asked of them; null asks for nothing. However
-- rare they are, a call looks at no more than `look` predictions, and only where the rollups know of
-- such logs: first in the latest such hour, then in ever longer stretches. If more may follow, a last
-- row that is not found has the place where to go on. Planned anew each time, since the planner has to
-- know the times: it passes over all other partitions then, where it would lock and plan hundreds.
drop function if exists find_logs;
create function find_logs(
    since timestamptz,
    until timestamptz,
    before_at timestamptz,
    before_id bigint,
    of_source text,
    of_levels log_level[],
    of_severities log_severity[],
    of_anomaly boolean,
    of_template bigint,
    of_batch bigint,
    of_model bigint,
    of_trace text,
    with_text text,
    in_messages boolean,
    most integer,
    look integer
)
returns table (
    is_found boolean,
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
    lowest constant bigint := -9223372036854775808;
    -- What is looked for lies below this place.
    place_at timestamptz := least(until, before_at, 'infinity');
    place_id bigint := case
        when until <= before_at or before_at is null and until is not null then lowest
        else coalesce(before_id, 9223372036854775807)
    end;
    hour_at timestamptz;
    from_at timestamptz;
    width interval := '0 hours';
    count_looked bigint;
    trace_key text;
    trace_from timestamptz;
    trace_until timestamptz;
    -- Of a trace, or of a source with few, the templates: cheaper to compare with than to look each
    -- one's trace or source up.
    few_templates bigint[];
begin
    if of_trace is not null then
        select
            traces.trace_id,
            traces.first_logged_at,
            traces.last_logged_at
        into trace_key, trace_from, trace_until
        from traces
        where traces.trace_id in (of_trace, left(of_trace, 200) || '…' || md5(of_trace));
    end if;
    if trace_key is not null then
        since := greatest(since, trace_from);
        if trace_until < place_at then
            place_at := trace_until;
            place_id := 9223372036854775807;
        end if;
        few_templates := array(
            select template_id
            from trace_templates
            inner join log_templates using (template_id)
            where
                trace_templates.trace_id = trace_key
                and (of_source is null or log_templates.source = of_source)
        );
    elsif of_source is not null then
        few_templates := array(
            select log_templates.template_id
            from log_templates
            where log_templates.source = of_source
            limit 1001
        );
        if cardinality(few_templates) > 1000 then
            few_templates := null;
        end if;
    end if;
    while most > 0 and look > 0 loop
        hour_at := hour_with_logs(
            place_at, from_at, of_source, of_levels, of_severities, of_anomaly, of_template, of_model
        );
        exit when hour_at is null or hour_at + interval '1 hour' <= since;
        if hour_at + interval '1 hour' <= place_at and isfinite(hour_at) then
            place_at := hour_at + interval '1 hour';
            place_id := lowest;
        end if;
        from_at := greatest(hour_at - width, since);
        for
            is_found, log_entry_id, logged_at, source, predicted_level, level_confidence, declared_level,
            is_anomaly, anomaly_score, severity, reasons, message, trace_id, template_id, template_text,
            model_id, batch_id, predicted_at, count_looked
        in
            with

            scanned as (
                select *
                from ml_predictions as predictions
                where
                    predictions.logged_at between from_at and place_at
                    and (predictions.logged_at, predictions.log_entry_id) < (place_at, place_id)
                    and (of_anomaly is null or predictions.is_anomaly = of_anomaly)
                order by predictions.logged_at desc, predictions.log_entry_id desc
                -- In a query of its own, so that the planner does not know it: who plans to read
                -- thousands would rather sort all there are than follow the index.
                limit (select look)
            ),

            -- No order by: the CTE is handed on in its order and row by row, so this stops at the limit.
            found as (
                select
                    true as is_found,
                    scanned.*,
                    null::bigint as count_looked
                from scanned
                where
                    (of_levels is null or scanned.predicted_level = any(of_levels))
                    and (of_severities is null or scanned.severity = any(of_severities))
                    and (of_template is null or scanned.template_id = of_template)
                    and (of_batch is null or scanned.batch_id = of_batch)
                    and (of_model is null or scanned.model_id = of_model)
                    and (few_templates is null or scanned.template_id = any(few_templates))
                    and (
                        of_source is null
                        or few_templates is not null
                        or of_source = (
                            select log_templates.source
                            from log_templates
                            where log_templates.template_id = scanned.template_id
                        )
                    )
                    and (
                        of_trace is null
                        or exists (
                            select
                            from log_source as logs
                            where
                                logs.id = scanned.log_entry_id
                                and logs.logged_at = scanned.logged_at
                                and of_trace in (
                                    logs.trace_id, left(logs.trace_id, 200) || '…' || md5(logs.trace_id)
                                )
                        )
                    )
                    and (
                        with_text is null
                        or strpos(
                            lower(coalesce(
                                (
                                    select logs.message
                                    from log_source as logs
                                    where
                                        in_messages
                                        and logs.id = scanned.log_entry_id
                                        and logs.logged_at = scanned.logged_at
                                ),
                                (
                                    select log_templates.text
                                    from log_templates
                                    where log_templates.template_id = scanned.template_id
                                )
                            )),
                            lower(with_text)
                        ) > 0
                    )
                limit most
            ),

            -- The last one looked at, where too few were found.
            rows as (
                select * from found
                union all
                (
                    select
                        false as is_found,
                        scanned.*,
                        (select count(*) from scanned) as count_looked
                    from scanned
                    where (select count(*) from found) < most
                    order by scanned.logged_at asc, scanned.log_entry_id asc
                    limit 1
                )
            )

            select
                rows.is_found,
                rows.log_entry_id,
                rows.logged_at,
                templates.source,
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
                templates.text,
                rows.model_id,
                rows.batch_id,
                rows.predicted_at,
                rows.count_looked
            from rows
            -- One by one (offset 0): the planner, who expects more rows, would rather read all templates.
            cross join lateral (
                select
                    log_templates.source,
                    log_templates.text
                from log_templates
                where log_templates.template_id = rows.template_id
                offset 0
            ) as templates
            left join log_source as logs on rows.log_entry_id = logs.id and rows.logged_at = logs.logged_at
            order by rows.logged_at desc, rows.log_entry_id desc, rows.is_found desc
        loop
            place_at := logged_at;
            place_id := log_entry_id;
            if is_found then
                most := most - 1;
                return next;
            end if;
        end loop;
        -- Null where there was nothing to look at.
        count_looked := coalesce(count_looked, 0);
        if most > 0 and count_looked < look then
            place_at := from_at;
            place_id := lowest;
        end if;
        look := look - count_looked;
        exit when place_at = since and place_id = lowest;
        width := least(4 * width + interval '4 hours', interval '64 days');
    end loop;
    if most = 0 or look <= 0 then
        is_found := false;
        logged_at := place_at;
        log_entry_id := place_id;
        return next;
    end if;
end
$$;

comment on function find_logs is
'Scored logs that fit, newest first; a last row that is not found has the place where to go on, if any.';
