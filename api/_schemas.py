"""What the answers look like, as JSON Schema: the data of each action and what is around it."""

from api._components import (
    COUNT,
    FLAG,
    OVERVIEW,
    TEXT,
    TIME,
    Schema,
    about,
    items,
    nullable,
    row,
    rows,
)

LEFT_OUT = (
    "What these batches and those after them found worth telling beyond the hundred alerts that a "
    "rule may keep of a batch; of any source."
)
SCORED_LOG: Schema = {"$ref": "#/components/schemas/scored_logs"}
DATA: dict[str, Schema] = {
    "status": row({**OVERVIEW, "levels": rows("stats_levels"), "severity": rows("stats_severity")}),
    "stats": row(
        {
            "overview": {"$ref": "#/components/schemas/stats_overview"},
            "levels": rows("stats_levels"),
            "severity": rows("stats_severity"),
            "sources": rows("stats_sources"),
        }
    ),
    "sources": items("stats_sources"),
    "trends": {"anyOf": [rows("stats_hourly"), rows("source_hours")]},
    "anomalies": items("stats_anomalies", next=nullable(TEXT)),
    "analyze": items("scored_logs", next=nullable(TEXT)),
    "log": row({"log": SCORED_LOG, "before": rows("scored_logs"), "after": rows("scored_logs")}),
    "patterns": items("pattern"),
    "mislabelled": items("stats_mislabelled"),
    "traces": items("stats_traces"),
    "models": items("stats_models"),
    "forecast": items("stats_forecast"),
    "batches": items("stats_batches"),
    "drift": items("stats_drift"),
    "outside": items("stats_outside_forecast"),
    "declared": items("stats_declared_levels"),
    "daily": items("stats_daily"),
    "schedule": items("stats_schedule"),
    "freshness": {"$ref": "#/components/schemas/freshness"},
    "alerts": items("stats_alerts", count_left_out=about(COUNT, LEFT_OUT)),
    "feedback": items("verdicts"),
    "mute": items("mutes"),
}
LATE = "late: logs wait, and no batch has begun since one was due and tolerated to come."
HEALTH = row(
    {
        "status": {"type": "string", "enum": ["ok", "late"], "description": LATE},
        "last_batch_finished_at": nullable(TIME),
        "refreshed_at": TIME,
    }
)


def written(action: str, key: str) -> Schema:
    """Return the body that answers a POST."""
    about = "False: it was taken back."
    done = row({key: COUNT, "is_held": {**FLAG, "description": about}})
    return row({"action": {"type": "string", "const": action}, "data": done})


PROBLEM = row({"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT})


def envelope(data: Schema) -> Schema:
    """Return the body around `data`."""
    return row({"action": TEXT, "batch_id": nullable(COUNT), "refreshed_at": TIME, "data": data})
