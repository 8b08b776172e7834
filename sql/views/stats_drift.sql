-- Whether the logs still look like those that the model was trained on.
drop materialized view if exists stats_drift;
create materialized view stats_drift as
with

latest as (
    select *
    from ml_batches
    where status = 'done'
    order by batch_id desc
    limit 1000
),

binned as (
    select
        latest.batch_id,
        -- Half a log in every bin, so that an empty bin does not divide by zero.
        (latest.score_histogram[bin] + 0.5) / (latest.count_logs + 5.0) as share_now,
        ((ml_models.manifest -> 'score_histogram' ->> (bin - 1))::double precision + 0.5)
        / ((ml_models.manifest ->> 'count_training_logs')::double precision + 5.0) as share_trained
    from latest
    inner join ml_models using (model_id)
    cross join generate_series(1, 10) as bin
),

compared as (
    select
        batch_id,
        sum((share_now - share_trained) * ln(share_now / share_trained)) as score_psi
    from binned
    group by batch_id
)

select
    latest.batch_id,
    latest.finished_at,
    latest.model_id,
    latest.count_logs,
    compared.score_psi,
    latest.count_unseen_words::double precision / nullif(latest.count_words, 0) as share_unseen_words
from latest
inner join compared using (batch_id);

create unique index stats_drift_key on stats_drift (batch_id);

comment on materialized view stats_drift is 'One row per finished batch, the latest thousand.';
comment on column stats_drift.batch_id is 'Batch.';
comment on column stats_drift.finished_at is 'When it finished.';
comment on column stats_drift.model_id is 'Model that scored.';
comment on column stats_drift.count_logs is 'Logs in it.';
comment on column stats_drift.score_psi is
'Population stability index of anomaly scores against training: below 0.1 none, above 0.25 much.';
comment on column stats_drift.share_unseen_words is 'Share of words that training never saw, 0 to 1.';
