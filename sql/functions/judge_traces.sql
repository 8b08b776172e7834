-- Judge the latest traces by the counts of their templates. Traces that begin with the same template
-- are compared; where a template occurs equally often in at least 19 of 20 of them, another number,
-- none included, is a deviation. Templates that come now this often, now that, say nothing. A number
-- too small is one only after the time in which 99 of 100 had it complete: a trace may not be over.
-- What is usual is learned from traces that began before a time; of fewer than 50 nothing is.
create or replace function judge_traces(learn_until timestamptz, most_traces bigint)
returns table (
    trace_id text,
    first_logged_at timestamptz,
    last_logged_at timestamptz,
    count_logs bigint,
    first_template_id bigint,
    count_alike bigint,
    count_deviations bigint,
    anomaly_score double precision,
    is_anomaly boolean,
    reasons text
)
language sql
stable
set search_path from current
as $$
    with

    latest as (
        select *
        from traces
        order by last_logged_at desc
        limit most_traces
    ),

    counted as materialized (
        select
            trace_templates.*,
            first_value(trace_templates.template_id) over (
                partition by trace_templates.trace_id
                order by trace_templates.first_logged_at, trace_templates.template_id
            ) as first_template_id
        from latest
        inner join trace_templates using (trace_id)
    ),

    begun as materialized (
        select distinct
            latest.trace_id,
            counted.first_template_id,
            latest.first_logged_at,
            latest.first_logged_at < learn_until as is_learned
        from latest
        inner join counted using (trace_id)
    ),

    kinds as materialized (
        select
            first_template_id,
            count(*) filter (where is_learned) as count_alike
        from begun
        group by first_template_id
    ),

    -- How many of the traces that begin alike have a template so often; those without it, 0 times.
    occurring as (
        select
            counted.first_template_id,
            counted.template_id,
            counted.count_logs,
            count(*) filter (where begun.is_learned) as count_traces
        from counted
        inner join begun using (trace_id)
        group by counted.first_template_id, counted.template_id, counted.count_logs
    ),

    with_absence as (
        select * from occurring
        union all
        select
            first_template_id,
            occurring.template_id,
            0,
            kinds.count_alike - sum(occurring.count_traces)
        from occurring
        inner join kinds using (first_template_id)
        group by first_template_id, occurring.template_id, kinds.count_alike
    ),

    usual as materialized (
        select distinct on (first_template_id, template_id)
            first_template_id,
            template_id,
            count_logs as usual_count,
            count_traces as count_usual,
            kinds.count_alike
        from with_absence
        inner join kinds using (first_template_id)
        where kinds.count_alike >= 50
        order by first_template_id, template_id, count_traces desc, count_logs
    ),

    lasting as (
        select
            usual.first_template_id,
            usual.template_id,
            percentile_disc(0.99) within group (order by counted.last_logged_at - begun.first_logged_at) as complete_after
        from usual
        inner join counted using (first_template_id, template_id)
        inner join begun using (trace_id)
        where begun.is_learned and counted.count_logs = usual.usual_count
        group by usual.first_template_id, usual.template_id
    ),

    invariant as materialized (
        select
            usual.*,
            -- Began before, a trace has had its time.
            (select max(last_logged_at) from latest) - coalesce(lasting.complete_after, '0') as complete_if_begun_by
        from usual
        left join lasting using (first_template_id, template_id)
        where usual.count_usual >= 0.95 * usual.count_alike
    ),

    -- Templates that occur otherwise often, and those that should and do not: what a trace lacks is
    -- looked for among the few that are usual, not among all that there are.
    deviating as (
        select
            counted.trace_id,
            invariant.first_template_id,
            invariant.template_id,
            invariant.usual_count,
            invariant.count_usual,
            counted.count_logs as found_count
        from counted
        inner join invariant using (first_template_id, template_id)
        inner join begun on counted.trace_id = begun.trace_id
        where
            counted.count_logs > invariant.usual_count
            or (
                counted.count_logs < invariant.usual_count
                and begun.first_logged_at <= invariant.complete_if_begun_by
            )
        union all
        select
            begun.trace_id,
            first_template_id,
            invariant.template_id,
            invariant.usual_count,
            invariant.count_usual,
            0
        from begun
        inner join invariant using (first_template_id)
        where
            invariant.usual_count > 0
            and begun.first_logged_at <= invariant.complete_if_begun_by
            and not exists (
                select from counted
                where counted.trace_id = begun.trace_id and counted.template_id = invariant.template_id
            )
    ),

    deviations as (
        select
            deviating.*,
            -- Half a trace where there is none, so that what never was is not infinitely rare.
            greatest(coalesce(with_absence.count_traces, 0), 0.5)::double precision / kinds.count_alike as share_found,
            kinds.count_alike
        from deviating
        inner join kinds using (first_template_id)
        left join with_absence
            on
                deviating.first_template_id = with_absence.first_template_id
                and deviating.template_id = with_absence.template_id
                and deviating.found_count = with_absence.count_logs
    ),

    judged as (
        select
            deviations.trace_id,
            count(*) as count_deviations,
            -- As of logs: 0.5 is one in a thousand, 1 one in a million.
            least(max(-log(deviations.share_found::numeric)) / 6, 1)::double precision as anomaly_score,
            string_agg(
                format(
                    '%s times instead of %s (so in %s %% of %s traces that begin alike): %s',
                    deviations.found_count,
                    deviations.usual_count,
                    round(100.0 * deviations.count_usual / deviations.count_alike, 1),
                    deviations.count_alike,
                    left(log_templates.text, 100)
                ),
                e'\n' order by deviations.share_found, deviations.template_id
            ) as reasons
        from deviations
        left join log_templates using (template_id)
        group by deviations.trace_id
    )

    select
        latest.trace_id,
        latest.first_logged_at,
        latest.last_logged_at,
        latest.count_logs,
        begun.first_template_id,
        kinds.count_alike,
        coalesce(judged.count_deviations, 0) as count_deviations,
        coalesce(judged.anomaly_score, 0) as anomaly_score,
        judged.trace_id is not null as is_anomaly,
        coalesce(judged.reasons, '') as reasons
    from latest
    inner join begun using (trace_id)
    inner join kinds using (first_template_id)
    left join judged using (trace_id);
$$;

comment on function judge_traces(timestamptz, bigint) is
'One row per trace of the latest so many: its verdict, by what is usual of those that began before a time.';
