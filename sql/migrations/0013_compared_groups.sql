-- The alert budget is a share of what a person reads: a template's logs of a minute, once. So
-- models are compared by those, too; of logs compared before, they are not known.
alter table shadow_daily add column count_groups bigint not null default 0;
comment on column shadow_daily.count_groups is
'Groups, as a person reads them: a template''s logs of a minute, in a chunk, once.';

-- Its columns change, and no function can change what it returns.
drop materialized view if exists stats_models;
drop function if exists shadow_figures();
