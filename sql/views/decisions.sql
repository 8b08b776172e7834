-- Which model was promoted, refused or brought back, and why: as of now, since nothing is refreshed by it.
drop view if exists decisions;
create view decisions as
select
    ml_decisions.decision_id,
    ml_decisions.decided_at,
    ml_decisions.kind,
    models.version,
    champions.version as champion_version,
    checks.place,
    checks.name,
    checks.is_passed,
    checks.figure,
    checks.champion_figure,
    checks.reason
from ml_decisions
inner join ml_models as models on ml_decisions.model_id = models.model_id
inner join ml_models as champions on ml_decisions.champion_id = champions.model_id
left join ml_decision_checks as checks on ml_decisions.decision_id = checks.decision_id;

comment on view decisions is 'One row per decision on models and check made for it.';
comment on column decisions.decision_id is 'Decision.';
comment on column decisions.decided_at is 'When.';
comment on column decisions.kind is 'promoted, refused or rolled_back.';
comment on column decisions.version is 'Model that it is about.';
comment on column decisions.champion_version is 'Champion that the model was to replace.';
comment on column decisions.place is 'Order of the check, from 1; null: none was made.';
comment on column decisions.name is 'What was checked.';
comment on column decisions.is_passed is 'Whether it stands for the model; all must.';
comment on column decisions.figure is 'Its figure; null: there is none.';
comment on column decisions.champion_figure is 'The champion''s on the same logs; null: it has none.';
comment on column decisions.reason is 'In words, with the bound.';
