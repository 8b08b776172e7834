-- Which requests or jobs went otherwise than those that begin alike. Bounded, so that a refresh costs
-- the same whatever is stored.
drop materialized view if exists stats_traces;
create materialized view stats_traces as
select
    judged.trace_id,
    judged.first_logged_at,
    judged.last_logged_at,
    judged.count_logs,
    (
        select string_agg(distinct named.source, e'\n' order by named.source)
        from (
            -- A look-up a template: of tables without statistics a join would read all for each trace.
            select (
                select log_templates.source
                from log_templates
                where log_templates.template_id = trace_templates.template_id
            ) as source
            from trace_templates
            where trace_templates.trace_id = judged.trace_id
        ) as named
    ) as sources,
    judged.first_template_id,
    begun.text as first_template_text,
    judged.count_alike,
    judged.count_deviations,
    judged.anomaly_score,
    judged.is_anomaly,
    judged.reasons
from judge_traces('infinity', 10000) as judged
left join log_templates as begun on judged.first_template_id = begun.template_id;

create unique index stats_traces_key on stats_traces (trace_id);
create index stats_traces_latest on stats_traces (last_logged_at);

comment on materialized view stats_traces is 'One row per trace, of the latest ten thousand by their last log.';
comment on column stats_traces.trace_id is 'Identifier of the request or job; beyond 200 characters cut, with a hash.';
comment on column stats_traces.first_logged_at is 'Time of its first scored log.';
comment on column stats_traces.last_logged_at is 'Time of its last.';
comment on column stats_traces.count_logs is 'Scored logs.';
comment on column stats_traces.sources is 'Programs or services that wrote them, one a line.';
comment on column stats_traces.first_template_id is 'Template of its first log: traces that share it are compared.';
comment on column stats_traces.first_template_text is 'Its normalised text.';
comment on column stats_traces.count_alike is 'Those of these traces that do; below 50 none is judged.';
comment on column stats_traces.count_deviations is
'Templates that occur in it otherwise often than in at least 95 % of traces that begin alike.';
comment on column stats_traces.anomaly_score is
'How rare the rarest of these numbers is: 0 none deviates, 0.5 one trace in a thousand has it, 1 one in a million.';
comment on column stats_traces.is_anomaly is 'Whether any deviates.';
comment on column stats_traces.reasons is 'Which, one a line, the rarest first.';
