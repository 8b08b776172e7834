"""What the function is asked: every action as it is, and the searches that might be costly."""

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from api._parameters import fields
from api._respond import ISO, action_of, binds_of, statement_of
from sql.database import Database

READS = {
    **{
        name: name
        for name in (
            *("health", "status", "stats", "sources", "trends", "anomalies", "analyze", "patterns"),
            *("mislabelled", "models", "forecast", "batches", "drift", "outside", "declared"),
            *("daily", "schedule", "freshness", "alerts", "feedback", "mute", "metrics", "traces"),
        )
    },
    "trends by source": "trends?by=source",
    "trends of a source": "trends?{source}",
    "anomalies of a source": "anomalies?severity=medium&{source}",
    "older anomalies": "anomalies?{older}",
    "analyze by template": "analyze?{template}",
    "analyze by source": "analyze?{source}",
    "analyze by level": "analyze?level=ERROR",
    "analyze by severity": "analyze?severity=high,critical",
    "analyze anomalies": "analyze?anomaly=true",
    "analyze a batch": "analyze?batch_id=3",
    "analyze an hour": "analyze?{hour}",
    "analyze a trace": "analyze?trace_id=none",
    "analyze a text": "analyze?q=nowhere+to+be+found",
    "log": "log?{log}",
    "log without its time": "log?{id}",
    "patterns of a text": "patterns?q=request",
    "rare patterns": "patterns?kind=rare",
    "new patterns": "patterns?kind=new",
    "surging patterns": "patterns?kind=surging",
    "vanished patterns": "patterns?kind=vanished",
}
"""Name to path below /api/; what stands in braces is taken from the database."""


def paths(anomaly: dict[str, Any]) -> dict[str, str]:
    """Return READS about `anomaly`, an item of the action `anomalies`."""
    at = anomaly["logged_at"]
    older = datetime.fromisoformat(at) - timedelta(days=5)
    place = {
        "source": urlencode({"source": anomaly["source"]}),
        "template": urlencode({"template_id": anomaly["template_id"]}),
        "hour": urlencode({"since": f"{at[:13]}:00:00Z", "until": at}),
        "older": urlencode({"before": f"{int(older.timestamp() * 1e6)}~0"}),
        "log": urlencode({"id": anomaly["log_entry_id"], "at": at}),
        "id": urlencode({"id": anomaly["log_entry_id"]}),
    }
    return {name: path.format(**place) for name, path in READS.items()}


def selected(path: str) -> tuple[str, dict[str, Any]]:
    """Return the statement that answers `path`, and its values."""
    name, _, query = path.partition("?")
    action = action_of(name)
    binds = binds_of(action, fields(query))
    return statement_of(action, binds), {**binds, "raw": True, "iso": ISO}


def latest_anomaly(database: Database) -> dict[str, Any]:
    """Return the first item of the action `anomalies`."""
    name, values = selected("anomalies?limit=1")
    with database.transaction():
        page = json.loads(database.row(name, **values)["data"])
    [anomaly] = page["items"]
    return dict(anomaly)


def statements(database: Database) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return every statement of the function by what it is for, with representative values."""
    anomaly = latest_anomaly(database)
    log = {"id": anomaly["log_entry_id"], "at": anomaly["logged_at"]}
    pattern = {"template_id": anomaly["template_id"]}
    said = {"caller": "benchmark", "note": None, "reason": None}
    return {
        "a 304": ("api.version", {"iso": ISO}),
        **{name: selected(path) for name, path in paths(anomaly).items()},
        "give feedback": (
            "api_people.submit_feedback",
            {**log, **pattern, **said, "verdict": "confirmed"},
        ),
        "take feedback back": ("api_people.revoke_feedback", {**said, "revoke": 1}),
        "mute a pattern": (
            "api_people.mute_for",
            {**pattern, **said, "source": anomaly["source"], "hours": 1},
        ),
        "unmute": ("api_people.unmute", {**said, "revoke": 1}),
    }
