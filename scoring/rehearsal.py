"""A batch that writes nothing: what it would score, and what it would tell."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import numpy as np

from scoring.aside import Aside
from scoring.clock import Clock
from scoring.judging import Judged, Judging
from scoring.model import Models
from scoring.reader import chunks
from scoring.selection import Selection, window
from scoring.verdict import SEVERITIES
from sql.database import connect

MOST_TOLD = 20
"""What would be told, at most: the most severe and unusual."""

NEW_MODEL = 0
"""Stands for a model that has no number yet; numbers begin at 1."""

ALERTING = SEVERITIES.index("high")


def rehearse(
    url: str, selection: Selection, models: Models, advance: Callable[[int], None]
) -> dict[str, Any]:
    """Judge the selected logs; return the counts and what would alert, most severe first."""
    aside, told = Aside(), list[dict[str, Any]]()
    counts = {"count_logs": 0, "count_anomalies": 0, "count_set_aside": 0}
    with (
        closing(connect(url, "logkiln rehearsal")) as database,
        closing(connect(url, "logkiln reader")) as reading,
        database.transaction(),
    ):
        known = database.rows("batch.model_id", version=models.version)
        model_id = known[0]["model_id"] if known else NEW_MODEL
        parameters = window(database, selection, model_id)
        judging = Judging(models, database, Clock(), past_ends=parameters["past_ends"])
        for chunk in chunks(url, reading, parameters):
            judged = judging.judge(chunk)
            counts["count_logs"] += len(chunk)
            counts["count_anomalies"] += judged.count_anomalies
            counts["count_set_aside"] += aside.look(judged)
            told = most_telling(told + alerts(judged))
            advance(len(chunk))
    return {**counts, "set_aside": aside.reasons, "would_alert": told}


def alerts(judged: Judged) -> list[dict[str, Any]]:
    """Return the groups of a chunk that would alert."""
    verdicts, groups = judged.verdicts, judged.groups
    found = np.flatnonzero(verdicts.is_anomaly & (verdicts.severity >= ALERTING))
    return [
        {
            "severity": SEVERITIES[verdicts.severity[at]],
            "source": judged.units[groups.unit[at]].source,
            "template": judged.units[groups.unit[at]].text,
            "count_logs": int(groups.count[at]),
            "anomaly_score": round(float(verdicts.score[at]), 3),
            "reasons": verdicts.reasons[at].split("\n"),
        }
        for at in found.tolist()
    ]


def most_telling(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the few most severe, and among them the most unusual."""
    found.sort(key=lambda each: (SEVERITIES.index(each["severity"]), each["anomaly_score"]))
    return found[::-1][:MOST_TOLD]
