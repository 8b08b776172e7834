"""One row of each view, as JSON Schema: what the answers are made of.

A column's name says what it holds (`count_…`, `…_at`), here as in the views; `?` after it allows
null.
"""

from typing import Any

Schema = dict[str, Any]

COUNT: Schema = {"type": "integer", "minimum": 0}
COUNTS: Schema = {"type": "array", "items": COUNT}
NUMBER: Schema = {"type": "number"}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
LEVEL: Schema = {"type": "string", "enum": ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]}
MASKED: Schema = {**TEXT, "description": "Null without the scope raw."}
IDENTITY: Schema = {
    "type": "string",
    "pattern": "^-?[0-9]{1,19}$",
    "description": "64 bits, so a string: a float would round it.",
}
STARTS = {
    "count_": COUNT,
    "is_": FLAG,
    "mean_": SHARE,
    "share_": SHARE,
    "seconds": NUMBER,
    **dict.fromkeys(("expected_", "low_", "high_"), NUMBER),
}
ENDS = {"_at": TIME, "_until": TIME, "_id": COUNT, "_hours": NUMBER, "_psi": NUMBER}
NAMES: dict[str, Schema] = {
    **dict.fromkeys(
        ("log_entry_id", "example_log_entry_id", "template_id", "first_template_id"), IDENTITY
    ),
    **dict.fromkeys(("anomaly_score", "level_confidence"), SHARE),
    **dict.fromkeys(("message", "trace_id", "error", "note", "reason"), MASKED),
    "predicted_level": LEVEL,
    "severity": {"type": "string", "enum": ["low", "medium", "high", "critical"]},
    "role": {"type": "string", "enum": ["champion", "challenger", "retired"]},
    "status": {"type": "string", "enum": ["running", "done", "failed", "interrupted"]},
    "verdict": {"type": "string", "enum": ["confirmed", "false_alarm"]},
    "reasons": {"type": "array", "items": TEXT},
    "step_seconds": {"type": "object", "additionalProperties": NUMBER},
    "count_logs_by_hour": {"type": "array", "items": COUNT, "minItems": 24, "maxItems": 24},
    "day": {"type": "string", "format": "date"},
}


def nullable(schema: Schema) -> Schema:
    """Return `schema` that also allows null."""
    changed = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        changed["enum"] = [*schema["enum"], None]
    return changed


def row(properties: Schema) -> Schema:
    """Return an object that has all `properties`."""
    return {"type": "object", "required": list(properties), "properties": properties}


def rows(name: str) -> Schema:
    """Return an array of the component `name`."""
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}


def items(name: str, **others: Schema) -> Schema:
    """Return the data of an action that lists the component `name`, with `others` beside it."""
    return row({"items": rows(name), **others})


def column(name: str) -> Schema:
    """Return the schema of the column `name`."""
    if name in NAMES:
        return NAMES[name]
    for start, schema in STARTS.items():
        if name.startswith(start):
            return schema
    return next((schema for end, schema in ENDS.items() if name.endswith(end)), TEXT)


def columns(names: str, **others: Schema) -> Schema:
    """Return the properties of a row that has the columns `names`, and `others`."""
    found = {}
    for word in names.split():
        name = word.rstrip("?")
        found[name] = nullable(column(name)) if word.endswith("?") else column(name)
    return found | others


def about(schema: Schema, description: str) -> Schema:
    """Return `schema` with its description."""
    return {**schema, "description": description}


OVERVIEW = columns(
    "count_predictions count_anomalies count_sources count_templates count_predictions_24h "
    "count_anomalies_24h count_new_templates_24h first_logged_at? last_logged_at? count_unscored "
    "oldest_unscored_at? last_batch_id? last_batch_finished_at? model_version? refreshed_at"
)
COMPONENTS = {
    name: row(properties)
    for name, properties in {
        "stats_overview": OVERVIEW,
        "stats_levels": columns(
            "predicted_level count_logs count_anomalies count_logs_24h count_declared count_agreed "
            "mean_confidence?"
        ),
        "stats_severity": columns("severity count_logs count_anomalies count_logs_24h"),
        "stats_sources": columns(
            "source count_logs count_anomalies count_logs_24h count_anomalies_24h count_errors "
            "count_declared count_agreed count_templates? first_logged_at? last_logged_at?"
        ),
        "stats_hourly": columns(
            "hour_at source? count_logs count_anomalies count_warnings count_errors count_severe"
        ),
        "source_hours": columns(
            "source",
            hours={"type": "array", "items": about(COUNT, "The hour's number since 1970 began.")},
            count_logs=COUNTS,
            count_anomalies=COUNTS,
            count_errors=COUNTS,
        ),
        "stats_anomalies": columns(
            "log_entry_id logged_at source? severity anomaly_score predicted_level "
            "level_confidence declared_level? message? reasons template_id template_text? "
            "count_template_logs? model_id batch_id"
        ),
        "scored_logs": columns(
            "log_entry_id logged_at source predicted_level level_confidence declared_level? "
            "is_anomaly anomaly_score severity reasons message? trace_id? template_id "
            "template_text model_id batch_id predicted_at"
        ),
        "pattern": columns(
            "template_id source text predicted_level level_confidence count_logs count_anomalies "
            "count_logs_24h count_anomalies_24h count_logs_1h count_logs_by_hour",
            count_recent=about(nullable(COUNT), "Of those surging: this hour and the last."),
            expected_logs=about(nullable(NUMBER), "Of those surging: its own pace."),
            usual_gap_hours=about(nullable(NUMBER), "Of those vanished."),
            silent_hours=about(nullable(NUMBER), "Of those vanished."),
        )
        | columns("first_seen_at last_seen_at example_log_entry_id example_logged_at"),
        "stats_mislabelled": columns(
            "template_id declared_level predicted_level source text count_logs mean_confidence "
            "last_seen_at example_log_entry_id example_logged_at",
            declared_level=LEVEL,
        ),
        "stats_declared_levels": columns(
            "source declared_level predicted_level count_logs count_anomalies mean_confidence",
            declared_level=about(TEXT, "Empty where none was declared."),
        ),
        "stats_traces": columns(
            "trace_id? first_logged_at last_logged_at count_logs first_template_id "
            "first_template_text? count_alike count_deviations anomaly_score is_anomaly reasons",
            sources={"type": "array", "items": TEXT},
        ),
        "stats_models": columns(
            "model_id version role registered_at count_logs count_anomalies share_agreed? "
            "count_confirmed count_false_alarms share_confirmed? mean_confidence? mean_score? "
            "share_unseen_words? count_shadow_logs count_shadow_anomalies? "
            "count_champion_anomalies? share_same_level? share_same_anomaly? shadow_psi?"
        ),
        "stats_drift": columns(
            "batch_id finished_at? model_id count_logs score_psi? share_unseen_words?"
        ),
        "stats_batches": columns(
            "batch_id status shard started_at finished_at? seconds? count_logs count_anomalies "
            "count_new_templates count_set_aside count_alerts_left_out step_seconds model_version "
            "error?"
        ),
        "stats_schedule": columns(
            "due_at batch_id? started_at? seconds_late? is_late? count_batches"
        ),
        "freshness": columns(
            "last_batch_id? last_batch_finished_at? seconds_since_batch? due_at seconds_late? "
            "is_late? next_due_at oldest_unscored_at? seconds_unscored?"
        ),
        "stats_forecast": columns(
            "source hour_at expected_logs low_logs high_logs expected_anomalies low_anomalies "
            "high_anomalies count_days"
        ),
        "stats_outside_forecast": columns(
            "source hour_at count_logs expected_logs low_logs high_logs count_anomalies "
            "expected_anomalies high_anomalies is_volume_outside is_anomalies_outside"
        ),
        "stats_daily": columns(
            "day source count_logs count_anomalies count_warnings count_errors count_severe "
            "count_declared count_agreed mean_score"
        ),
        "stats_alerts": columns(
            "alert_id created_at severity source template_id? template_text? count_logs "
            "first_logged_at example_log_entry_id? reasons batch_id delivered_at? count_attempts"
        ),
        "verdicts": columns(
            "feedback_id log_entry_id? logged_at? template_id source? template_text? verdict "
            "note? created_by created_at"
        ),
        "mutes": columns(
            "mute_id source? template_id? template_text? muted_until reason? created_by created_at"
        ),
    }.items()
}
