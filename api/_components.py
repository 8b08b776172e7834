"""One row of each view, as JSON Schema: what the answers are made of."""

from typing import Any

Schema = dict[str, Any]

COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
LEVEL: Schema = {"type": "string", "enum": ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]}
SEVERITY: Schema = {"type": "string", "enum": ["low", "medium", "high", "critical"]}
REASONS: Schema = {"type": "array", "items": TEXT}
IDENTITY: Schema = {
    "type": "string",
    "pattern": "^-?[0-9]{1,19}$",
    "description": "64 bits, so a string: a float would round it.",
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


def items(name: str, has_next: bool = False) -> Schema:
    """Return the data of an action that lists the component `name`, in pages or not."""
    further = {"next": nullable(TEXT)} if has_next else {}
    return row({"items": rows(name), **further})


OVERVIEW = {
    "count_predictions": COUNT,
    "count_anomalies": COUNT,
    "count_sources": COUNT,
    "count_templates": COUNT,
    "count_predictions_24h": COUNT,
    "count_anomalies_24h": COUNT,
    "count_new_templates_24h": COUNT,
    "first_logged_at": nullable(TIME),
    "last_logged_at": nullable(TIME),
    "count_unscored": COUNT,
    "oldest_unscored_at": nullable(TIME),
    "last_batch_id": nullable(COUNT),
    "last_batch_finished_at": nullable(TIME),
    "model_version": nullable(TEXT),
    "refreshed_at": TIME,
}
MASKED = "Null without the scope raw."
COMPONENTS = {
    "stats_overview": row(OVERVIEW),
    "stats_levels": row(
        {
            "predicted_level": LEVEL,
            "count_logs": COUNT,
            "count_anomalies": COUNT,
            "count_logs_24h": COUNT,
            "count_declared": COUNT,
            "count_agreed": COUNT,
            "mean_confidence": nullable(SHARE),
        }
    ),
    "stats_severity": row(
        {
            "severity": SEVERITY,
            "count_logs": COUNT,
            "count_anomalies": COUNT,
            "count_logs_24h": COUNT,
        }
    ),
    "stats_sources": row(
        {
            "source": TEXT,
            "count_logs": COUNT,
            "count_anomalies": COUNT,
            "count_logs_24h": COUNT,
            "count_anomalies_24h": COUNT,
            "count_errors": COUNT,
            "count_declared": COUNT,
            "count_agreed": COUNT,
            "count_templates": nullable(COUNT),
            "first_logged_at": nullable(TIME),
            "last_logged_at": nullable(TIME),
        }
    ),
    "stats_hourly": row(
        {
            "hour_at": TIME,
            "source": nullable(TEXT),
            "count_logs": COUNT,
            "count_anomalies": COUNT,
            "count_warnings": COUNT,
            "count_errors": COUNT,
            "count_severe": COUNT,
        }
    ),
    "stats_anomalies": row(
        {
            "log_entry_id": IDENTITY,
            "logged_at": TIME,
            "source": nullable(TEXT),
            "severity": SEVERITY,
            "anomaly_score": SHARE,
            "predicted_level": LEVEL,
            "level_confidence": SHARE,
            "declared_level": nullable(TEXT),
            "message": {**nullable(TEXT), "description": MASKED},
            "reasons": REASONS,
            "template_id": IDENTITY,
            "template_text": nullable(TEXT),
            "count_template_logs": nullable(COUNT),
            "model_id": COUNT,
            "batch_id": COUNT,
        }
    ),
    "scored_logs": row(
        {
            "log_entry_id": IDENTITY,
            "logged_at": TIME,
            "source": TEXT,
            "predicted_level": LEVEL,
            "level_confidence": SHARE,
            "declared_level": nullable(TEXT),
            "is_anomaly": FLAG,
            "anomaly_score": SHARE,
            "severity": SEVERITY,
            "reasons": REASONS,
            "message": {**nullable(TEXT), "description": MASKED},
            "trace_id": {**nullable(TEXT), "description": MASKED},
            "template_id": IDENTITY,
            "template_text": TEXT,
            "model_id": COUNT,
            "batch_id": COUNT,
            "predicted_at": TIME,
        }
    ),
    "pattern": row(
        {
            "template_id": IDENTITY,
            "source": TEXT,
            "text": TEXT,
            "predicted_level": LEVEL,
            "level_confidence": SHARE,
            "count_logs": COUNT,
            "count_anomalies": COUNT,
            "count_logs_24h": COUNT,
            "count_anomalies_24h": COUNT,
            "count_logs_1h": COUNT,
            "count_logs_by_hour": {"type": "array", "items": COUNT, "minItems": 24, "maxItems": 24},
            "count_recent": {
                **nullable(COUNT),
                "description": "Of those surging: this hour and the last.",
            },
            "expected_logs": {**nullable(NUMBER), "description": "Of those surging: its own pace."},
            "usual_gap_hours": {**nullable(NUMBER), "description": "Of those vanished."},
            "silent_hours": {**nullable(NUMBER), "description": "Of those vanished."},
            "first_seen_at": TIME,
            "last_seen_at": TIME,
            "example_log_entry_id": IDENTITY,
            "example_logged_at": TIME,
        }
    ),
    "stats_mislabelled": row(
        {
            "template_id": IDENTITY,
            "declared_level": LEVEL,
            "predicted_level": LEVEL,
            "source": TEXT,
            "text": TEXT,
            "count_logs": COUNT,
            "mean_confidence": SHARE,
            "last_seen_at": TIME,
            "example_log_entry_id": IDENTITY,
            "example_logged_at": TIME,
        }
    ),
    "stats_models": row(
        {
            "model_id": COUNT,
            "version": TEXT,
            "role": {"type": "string", "enum": ["champion", "challenger", "retired"]},
            "registered_at": TIME,
            "count_logs": COUNT,
            "count_anomalies": COUNT,
            "share_agreed": nullable(SHARE),
            "count_confirmed": COUNT,
            "count_false_alarms": COUNT,
            "share_confirmed": nullable(SHARE),
            "mean_confidence": nullable(SHARE),
            "mean_score": nullable(SHARE),
        }
    ),
    "stats_forecast": row(
        {
            "source": TEXT,
            "hour_at": TIME,
            "expected_logs": NUMBER,
            "low_logs": NUMBER,
            "high_logs": NUMBER,
            "expected_anomalies": NUMBER,
            "low_anomalies": NUMBER,
            "high_anomalies": NUMBER,
            "count_days": COUNT,
        }
    ),
    "stats_batches": row(
        {
            "batch_id": COUNT,
            "status": {"type": "string", "enum": ["running", "done", "failed", "interrupted"]},
            "shard": TEXT,
            "started_at": TIME,
            "finished_at": nullable(TIME),
            "seconds": nullable(NUMBER),
            "count_logs": COUNT,
            "count_anomalies": COUNT,
            "count_new_templates": COUNT,
            "count_set_aside": COUNT,
            "step_seconds": {"type": "object", "additionalProperties": NUMBER},
            "model_version": TEXT,
            "error": {**nullable(TEXT), "description": MASKED},
        }
    ),
    "stats_drift": row(
        {
            "batch_id": COUNT,
            "finished_at": nullable(TIME),
            "model_id": COUNT,
            "count_logs": COUNT,
            "score_psi": nullable(NUMBER),
            "share_unseen_words": nullable(SHARE),
        }
    ),
}
COMPONENTS |= {
    "stats_outside_forecast": row(
        {
            "source": TEXT,
            "hour_at": TIME,
            "count_logs": COUNT,
            "expected_logs": NUMBER,
            "low_logs": NUMBER,
            "high_logs": NUMBER,
            "count_anomalies": COUNT,
            "expected_anomalies": NUMBER,
            "high_anomalies": NUMBER,
            "is_volume_outside": FLAG,
            "is_anomalies_outside": FLAG,
        }
    ),
    "stats_declared_levels": row(
        {
            "source": TEXT,
            "declared_level": {**TEXT, "description": "Empty where none was declared."},
            "predicted_level": LEVEL,
            "count_logs": COUNT,
            "count_anomalies": COUNT,
            "mean_confidence": SHARE,
        }
    ),
    "stats_daily": row(
        {
            "day": {"type": "string", "format": "date"},
            "source": TEXT,
            "count_logs": COUNT,
            "count_anomalies": COUNT,
            "count_warnings": COUNT,
            "count_errors": COUNT,
            "count_severe": COUNT,
            "count_declared": COUNT,
            "count_agreed": COUNT,
            "mean_score": SHARE,
        }
    ),
    "stats_schedule": row(
        {
            "due_at": TIME,
            "batch_id": nullable(COUNT),
            "started_at": nullable(TIME),
            "seconds_late": nullable(NUMBER),
            "is_late": nullable(FLAG),
            "count_batches": COUNT,
        }
    ),
    "stats_alerts": row(
        {
            "alert_id": COUNT,
            "created_at": TIME,
            "severity": SEVERITY,
            "source": TEXT,
            "template_id": nullable(IDENTITY),
            "template_text": nullable(TEXT),
            "count_logs": COUNT,
            "first_logged_at": TIME,
            "example_log_entry_id": nullable(IDENTITY),
            "reasons": REASONS,
            "batch_id": COUNT,
            "delivered_at": nullable(TIME),
            "count_attempts": COUNT,
        }
    ),
    "freshness": row(
        {
            "last_batch_id": nullable(COUNT),
            "last_batch_finished_at": nullable(TIME),
            "seconds_since_batch": nullable(NUMBER),
            "due_at": TIME,
            "seconds_late": nullable(NUMBER),
            "is_late": nullable(FLAG),
            "next_due_at": TIME,
            "oldest_unscored_at": nullable(TIME),
            "seconds_unscored": nullable(NUMBER),
        }
    ),
    "verdicts": row(
        {
            "feedback_id": COUNT,
            "log_entry_id": nullable(IDENTITY),
            "logged_at": nullable(TIME),
            "template_id": IDENTITY,
            "source": nullable(TEXT),
            "template_text": nullable(TEXT),
            "verdict": {"type": "string", "enum": ["confirmed", "false_alarm"]},
            "note": {**nullable(TEXT), "description": MASKED},
            "created_by": TEXT,
            "created_at": TIME,
        }
    ),
    "mutes": row(
        {
            "mute_id": COUNT,
            "source": nullable(TEXT),
            "template_id": nullable(IDENTITY),
            "template_text": nullable(TEXT),
            "muted_until": TIME,
            "reason": {**nullable(TEXT), "description": MASKED},
            "created_by": TEXT,
            "created_at": TIME,
        }
    ),
}
