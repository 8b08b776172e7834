-- A verdict on a log keeps what was predicted, since the prediction will be pruned one day and the
-- precision of the model should not change by it.
create or replace function record_judged_prediction() returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
    if new.log_entry_id is not null and new.model_id is null then
        select model_id, is_anomaly
        into new.model_id, new.is_anomaly
        from ml_predictions
        where log_entry_id = new.log_entry_id and logged_at = new.logged_at;
    end if;
    return new;
end
$$;

comment on function record_judged_prediction() is 'Notes in a verdict on a log which model had said what.';

create or replace trigger judged before insert on ml_feedback
for each row execute function record_judged_prediction();
