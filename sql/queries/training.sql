-- name: logs
-- Logs to train on, in the order of arrival, in the columns that the batch reads.
copy (
    select
        id,
        logged_at,
        source,
        level,
        case when octet_length(message) > 16000 then left(message, 4000) else message end as message
    from log_source
    where ingested_at >= %(since)s::timestamptz and ingested_at < %(until)s::timestamptz
    order by id
) to stdout with binary;

-- name: mutes
-- What people asked not to be told of, for now; null stands for any source, or any template.
select
    source,
    template_id
from ml_mutes
where revoked_at is null and muted_until > now();

-- name: until
-- The time before which all logs arrived that a training until then can see.
select
    least(
        %(until)s::timestamptz,
        greatest(now(), max(ingested_at) + interval '1 microsecond')
    )::text as trained_until
from log_source;

-- name: decide
-- Keep a decision.
insert into ml_decisions (kind, model_id, champion_id)
select
    %(kind)s,
    models.model_id,
    champions.model_id as champion_id
from ml_models as models
cross join ml_models as champions
where models.version = %(version)s and champions.version = %(champion_version)s
returning decision_id;

-- name: keep_check
-- And what it was made by.
insert into ml_decision_checks (decision_id, place, name, is_passed, figure, champion_figure, reason)
values (
    %(decision_id)s,
    %(place)s,
    %(name)s,
    %(is_passed)s,
    %(figure)s,
    %(champion_figure)s,
    %(reason)s
);

-- name: model
-- A model by its version, if it ever scored.
select
    ml_models.model_id,
    ml_models.role
from ml_models
where ml_models.version = %(version)s;

-- name: replaced_by
-- The champion that a model was promoted in the place of, last time that it was.
select
    champions.model_id,
    champions.version
from ml_decisions as decisions
inner join ml_models as models on decisions.model_id = models.model_id
inner join ml_models as champions on decisions.champion_id = champions.model_id
where decisions.kind = 'promoted' and models.version = %(version)s
order by decisions.decision_id desc
limit 1;
