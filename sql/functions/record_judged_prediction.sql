-- A verdict keeps what was predicted, since the prediction will be pruned one day and the precision
-- of the model should not change by it. A verdict on a whole template is one on what was said of its
-- logs so far: whether any of them was called anomalous, by the model that scored its latest log.
create or replace function record_judged_prediction() returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
    if new.model_id is not null then
        return new;
    end if;
    if new.log_entry_id is not null then
        select model_id, is_anomaly
        into new.model_id, new.is_anomaly
        from ml_predictions
        where log_entry_id = new.log_entry_id and logged_at = new.logged_at;
    else
        select predictions.model_id, log_templates.count_anomalies > 0
        into new.model_id, new.is_anomaly
        from log_templates
        inner join ml_predictions as predictions
            on
                log_templates.example_log_entry_id = predictions.log_entry_id
                and log_templates.example_logged_at = predictions.logged_at
        where log_templates.template_id = new.template_id;
    end if;
    return new;
end
$$;

comment on function record_judged_prediction() is 'Notes in a verdict which model had said what.';

create or replace trigger judged before insert on ml_feedback
for each row execute function record_judged_prediction();
