-- How each challenger compares with a champion on logs that neither was fitted on. F1 is over four
-- groups of levels, DEBUG and below, INFO, WARN, ERROR and above, that ten logs or more declare.
create or replace function shadow_figures()
returns table (
    model_id smallint,
    champion_id smallint,
    count_logs bigint,
    count_declared bigint,
    count_anomalies bigint,
    count_champion_anomalies bigint,
    count_unjudged_groups bigint,
    count_anomalous_groups bigint,
    count_champion_anomalous_groups bigint,
    share_same_level double precision,
    share_same_anomaly double precision,
    macro_f1 double precision,
    champion_macro_f1 double precision,
    warn_f1 double precision,
    champion_warn_f1 double precision,
    score_psi double precision,
    count_verdicts bigint,
    share_confirmed double precision,
    champion_share_confirmed double precision
)
language sql
stable
set search_path from current
as $$
    with

    compared as (
        select
            model_id,
            champion_id,
            sum(count_logs)::bigint as count_logs,
            coalesce(sum(count_logs) filter (where declared_level <> ''), 0)::bigint as count_declared,
            coalesce(sum(count_logs) filter (where is_anomaly and not is_judged), 0)::bigint as count_anomalies,
            coalesce(sum(count_logs) filter (where is_champion_anomaly and not is_judged), 0)::bigint
                as count_champion_anomalies,
            coalesce(sum(count_groups) filter (where not is_judged), 0)::bigint as count_unjudged_groups,
            coalesce(sum(count_groups) filter (where is_anomaly and not is_judged), 0)::bigint
                as count_anomalous_groups,
            coalesce(sum(count_groups) filter (where is_champion_anomaly and not is_judged), 0)::bigint
                as count_champion_anomalous_groups,
            sum(count_logs * (predicted_level = champion_level)::int)::double precision
            / sum(count_logs) as share_same_level,
            -- What people said acts on the champion alone here, so judged templates are left out.
            sum(count_logs * (is_anomaly = is_champion_anomaly)::int) filter (where not is_judged)::double precision
            / sum(count_logs) filter (where not is_judged) as share_same_anomaly
        from shadow_daily
        group by model_id, champion_id
    ),

    grouped as (
        select
            shadow_daily.model_id,
            shadow_daily.champion_id,
            said.is_champion,
            -- The place among TRACE to FATAL, 1 to 6, to a group, 0 to 3.
            least(greatest(array_position(levels.names, shadow_daily.declared_level), 2), 5) - 2 as true_group,
            least(greatest(array_position(levels.names, said.level::text), 2), 5) - 2 as said_group,
            sum(shadow_daily.count_logs) as count_logs
        from shadow_daily
        cross join (select enum_range(null::log_level)::text[] as names) as levels
        cross join lateral (
            values (false, shadow_daily.predicted_level), (true, shadow_daily.champion_level)
        ) as said (is_champion, level)
        where shadow_daily.declared_level <> ''
        group by 1, 2, 3, 4, 5
    ),

    by_group as (
        select
            model_id,
            champion_id,
            is_champion,
            coalesce(2 * sum(count_logs) filter (where true_group = number and said_group = number), 0)
            / sum(count_logs * ((true_group = number)::int + (said_group = number)::int)) as f1
        from grouped
        cross join generate_series(0, 3) as groups (number)
        group by model_id, champion_id, is_champion, number
        having sum(count_logs) filter (where true_group = number) >= 10
    ),

    macro as (
        select
            model_id,
            champion_id,
            avg(f1) filter (where not is_champion)::double precision as macro_f1,
            avg(f1) filter (where is_champion)::double precision as champion_macro_f1
        from by_group
        group by model_id, champion_id
    ),

    warnings as (
        select
            model_id,
            champion_id,
            is_champion,
            (
                2 * sum(count_logs * (true_group >= 2 and said_group >= 2)::int)
                / nullif(sum(count_logs * ((true_group >= 2)::int + (said_group >= 2)::int)), 0)
            )::double precision as f1
        from grouped
        group by model_id, champion_id, is_champion
        having sum(count_logs) filter (where true_group >= 2) >= 10
    ),

    binned as (
        select
            shadow_daily.model_id,
            shadow_daily.champion_id,
            bins.number,
            -- Half a log in every bin, as in stats_drift.
            (coalesce(sum(shadow_daily.count_logs) filter (where shadow_daily.score_bin = bins.number), 0) + 0.5)
            / (sum(shadow_daily.count_logs) + 5.0) as share_now
        from shadow_daily
        cross join generate_series(0, 9) as bins (number)
        group by shadow_daily.model_id, shadow_daily.champion_id, bins.number
    ),

    trained as (
        select
            binned.*,
            (
                (ml_models.manifest -> 'score_histogram' ->> binned.number)::numeric + 0.5
            ) / (
                (select sum(value::numeric) from jsonb_array_elements_text(ml_models.manifest -> 'score_histogram'))
                + 5.0
            ) as share_trained
        from binned
        inner join ml_models using (model_id)
    ),

    drift as (
        select
            model_id,
            champion_id,
            sum((share_now - share_trained) * ln(share_now / share_trained))::double precision as score_psi
        from trained
        group by model_id, champion_id
    ),

    -- On the same verdicts: what the model that scored for real had said, and what the challenger says.
    judged as (
        select
            shadow_feedback.model_id,
            count(*) as count_verdicts,
            avg((ml_feedback.verdict = 'confirmed')::int) filter (where shadow_feedback.is_anomaly)::double precision
                as share_confirmed,
            avg((ml_feedback.verdict = 'confirmed')::int) filter (where ml_feedback.is_anomaly)::double precision
                as champion_share_confirmed
        from shadow_feedback
        inner join ml_feedback using (feedback_id)
        where ml_feedback.revoked_at is null and ml_feedback.is_anomaly is not null
        group by shadow_feedback.model_id
    )

    select
        compared.model_id,
        compared.champion_id,
        compared.count_logs,
        compared.count_declared,
        compared.count_anomalies,
        compared.count_champion_anomalies,
        compared.count_unjudged_groups,
        compared.count_anomalous_groups,
        compared.count_champion_anomalous_groups,
        compared.share_same_level,
        compared.share_same_anomaly,
        macro.macro_f1,
        macro.champion_macro_f1,
        challengers.f1 as warn_f1,
        champions.f1 as champion_warn_f1,
        drift.score_psi,
        coalesce(judged.count_verdicts, 0) as count_verdicts,
        judged.share_confirmed,
        judged.champion_share_confirmed
    from compared
    left join macro using (model_id, champion_id)
    left join warnings as challengers
        on
            compared.model_id = challengers.model_id
            and compared.champion_id = challengers.champion_id
            and not challengers.is_champion
    left join warnings as champions
        on
            compared.model_id = champions.model_id
            and compared.champion_id = champions.champion_id
            and champions.is_champion
    left join drift on compared.model_id = drift.model_id and compared.champion_id = drift.champion_id
    left join judged on compared.model_id = judged.model_id;
$$;

comment on function shadow_figures() is
'One row per challenger and champion: how they compare on logs that neither was fitted on.';
