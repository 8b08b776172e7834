-- All predictions of a transaction are of its time: a default spares each row the sending and the check.
alter table ml_predictions alter column predicted_at set default now();
alter table shadow_predictions alter column predicted_at set default now();
comment on column ml_predictions.predicted_at is 'When the transaction began in which a batch wrote it.';
