"""Counts and freshness in Prometheus' text format, version 0.0.4."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

Labels = dict[str, str]
Sample = tuple[Labels, float | int]


def render(data: str) -> bytes:
    """Return the metrics of `data`, which is what the action `stats` answers."""
    return "".join(_lines(json.loads(data))).encode()


def _lines(stats: dict[str, Any]) -> Iterator[str]:
    overview, levels, severity = stats["overview"], stats["levels"], stats["severity"]
    yield from _metric(
        "predictions_total",
        "counter",
        "Logs that have a prediction, by predicted level.",
        [({"level": row["predicted_level"]}, row["count_logs"]) for row in levels],
    )
    yield from _metric(
        "anomalies_total",
        "counter",
        "Anomalous logs, by severity.",
        [({"severity": row["severity"]}, row["count_anomalies"]) for row in severity],
    )
    for column, about in (
        ("count_logs", "Logs ever scored, by source."),
        ("count_errors", "Logs predicted ERROR or FATAL, by source."),
        ("count_anomalies", "Anomalous logs, by source."),
    ):
        yield from _metric(
            f"source_{column.removeprefix('count_')}_total",
            "counter",
            about,
            [({"source": row["source"]}, row[column]) for row in stats["sources"]],
        )
    for column, about in (
        ("count_sources", "Sources ever scored."),
        ("count_templates", "Distinct templates."),
        ("count_predictions_24h", "Logs of the last 24 hours."),
        ("count_anomalies_24h", "Anomalous logs of the last 24 hours."),
        ("count_new_templates_24h", "Templates first seen in the last 24 hours."),
        ("count_unscored", "Logs that arrived since the last batch began, without prediction."),
    ):
        name = column.removeprefix("count_")
        yield from _metric(name, "gauge", about, [({}, overview[column])])
    for column, about in (
        ("last_logged_at", "Time of the latest log."),
        ("oldest_unscored_at", "When the first log without prediction arrived."),
        ("last_batch_finished_at", "When the latest batch finished."),
        ("refreshed_at", "When these numbers were computed."),
    ):
        if overview[column] is not None:
            seconds = datetime.fromisoformat(overview[column]).timestamp()
            name = column.removesuffix("_at") + "_timestamp_seconds"
            yield from _metric(name, "gauge", about, [({}, seconds)])


def _metric(name: str, kind: str, about: str, samples: list[Sample]) -> Iterator[str]:
    yield f"# HELP logkiln_{name} {about}\n# TYPE logkiln_{name} {kind}\n"
    for labels, value in samples:
        told = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"logkiln_{name}{{{told}}} {value}\n" if told else f"logkiln_{name} {value}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
