-- Find first, last and example anew for templates (removed_templates, see subtract_predictions) that
-- lost the log which they had them from: within the first and the last hour that they still have.
create or replace function resee_templates() returns void
language plpgsql
security definer
set search_path from current
as $$
begin
    with

    touched as (
        select
            stored.template_id,
            (select min(hour_at) from template_hourly where template_id = stored.template_id) as first_hour,
            (select max(hour_at) from template_hourly where template_id = stored.template_id) as last_hour
        from log_templates as stored
        inner join pg_temp.removed_templates as gone using (template_id)
        where gone.first_at <= stored.first_seen_at or gone.last_at >= stored.last_seen_at
    ),

    hours as (
        select template_id, first_hour as hour_at from touched
        union
        select template_id, last_hour from touched
    ),

    seen as (
        select
            hours.template_id,
            min(predictions.logged_at) as first_at,
            max(predictions.logged_at) as last_at,
            (array_agg(predictions.log_entry_id order by predictions.logged_at desc, predictions.log_entry_id desc))[1]
                as example_id
        from hours
        inner join ml_predictions as predictions
            on
                predictions.template_id = hours.template_id
                and predictions.logged_at >= hours.hour_at
                and predictions.logged_at < hours.hour_at + interval '1 hour'
        where
            predictions.logged_at >= (select min(hour_at) from hours)
            and predictions.logged_at < (select max(hour_at) + interval '1 hour' from hours)
        group by hours.template_id
    )

    update log_templates as stored set
        -- What was pruned keeps its first time.
        first_seen_at = case when gone.first_at <= stored.first_seen_at then seen.first_at else stored.first_seen_at end,
        last_seen_at = seen.last_at,
        example_log_entry_id = seen.example_id,
        example_logged_at = seen.last_at
    from seen
    inner join pg_temp.removed_templates as gone using (template_id)
    where stored.template_id = seen.template_id;
end
$$;

comment on function resee_templates() is
'Corrects when templates were seen first and last after some of their predictions were deleted.';
