-- Prune also forgets templates that nothing refers to any more: what they counted is noted.

comment on table ml_pruned is
'One row per partition of predictions that prune dropped, deletion of predictions whose logs are gone, or forgetting.';
comment on column ml_pruned.relation is 'ml_predictions or shadow_predictions; log_templates: templates forgotten.';
comment on column ml_pruned.range_from is 'Start of the times of its logs.';
comment on column ml_pruned.range_until is 'End of them, exclusive.';
comment on column ml_pruned.count_rows is
'Predictions that are gone and still count as scored; of templates, logs that are in totals and in no template.';
