"""BGL: alerts that operators tagged, first half to learn from, second half to judge.

Source: Oliner and Stearley, What Supercomputers Say (2007); the first 100,000 lines of Loghub's.
"""

import gzip
from collections import Counter
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score

from benchmarks.quality.stream import Stream, stream, walk
from scoring.features import History
from scoring.levels import declared
from scoring.normalize import normalize
from scoring.rows import Unit
from scoring.verdict import Assessor
from training import detector

MOST_TEMPLATES = 10
"""Templates that a person gives a verdict on."""

Bools = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float64]

_normalize = lru_cache(None)(normalize)


def read(path: Path) -> tuple[Stream, Bools]:
    """Return the logs in order of time, and which of them [n] are alerts."""
    at: list[float] = []
    units: list[Unit] = []
    is_alert: list[bool] = []
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            fields = line.rstrip("\n").split(" ", 9)
            moment = datetime.strptime(fields[4], "%Y-%m-%d-%H.%M.%S.%f").replace(tzinfo=UTC)
            at.append(moment.timestamp())
            units.append(Unit("bgl", declared(fields[8]), _normalize(fields[9])))
            is_alert.append(fields[0] != "-")
    order = np.argsort(np.array(at), kind="stable")
    return stream(at, units), np.array(is_alert)[order]


def scores(logs: Stream, assessor: Assessor) -> tuple[Scores, list[Unit]]:
    """Return the raw score and the unit of each log [n]; the detector is fitted on the groups of
    the first half, without any label."""
    walked = walk(logs, assessor, History())
    half = len(logs.at) // 2
    first = np.unique(walked.of_log[:half])
    model = detector.fit(walked.features[first])
    raw = detector.raw_scores(model, walked.features)
    return raw[walked.of_log], [walked.units[group] for group in walked.of_log.tolist()]


def average_precision(raw: Scores, is_alert: Bools) -> float:
    """Return the average precision over the logs of the second half."""
    half = len(raw) // 2
    return float(average_precision_score(is_alert[half:], raw[half:]))


def tagged(units: list[Unit], is_alert: Bools) -> list[Unit]:
    """Return the templates that operators tagged in the first half, the commonest first."""
    half = len(units) // 2
    places = np.flatnonzero(is_alert[:half]).tolist()
    return [unit for unit, _ in Counter(units[at] for at in places).most_common(MOST_TEMPLATES)]


def highest(raw: Scores, units: list[Unit]) -> list[Unit]:
    """Return the templates that scored highest in the first half."""
    best: dict[Unit, float] = {}
    for unit, score in zip(units, raw[: len(raw) // 2].tolist(), strict=False):
        best[unit] = max(score, best.get(unit, -np.inf))
    return sorted(best, key=lambda unit: -best[unit])[:MOST_TEMPLATES]


def after_feedback(raw: Scores, units: list[Unit], is_alert: Bools, judged: list[Unit]) -> Scores:
    """Return the scores once a person has judged some templates of the first half.

    The verdict is what most of a template's logs in the first half are. Then what
    `scoring.feedback` does: confirmed templates score highest, false alarms lowest.
    """
    half = len(raw) // 2
    tags = Counter(zip(units[:half], is_alert[:half].tolist(), strict=True))
    verdict = {unit: tags[unit, True] > tags[unit, False] for unit in judged}
    low, high = raw.min() - 1, raw.max() + 1
    return np.array(
        [
            score if unit not in verdict else (high if verdict[unit] else low)
            for unit, score in zip(units, raw.tolist(), strict=True)
        ]
    )
