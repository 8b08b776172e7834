"""Verdicts: severity by rule, one inference a text, and scores that are always numbers."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from scoring.features import FEATURES, History
from scoring.groups import group
from scoring.levels import LEVELS
from scoring.model import Detector, Levels, weighed
from scoring.rows import UnitTable
from scoring.verdict import SEVERITIES, Assessor, judge, severity
from tests.scoring.made import HOUR, chunked
from tests.scoring.rows_of import Log, rows_of


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("is_anomaly", [False, True])
def test_severity_follows_level_and_anomaly(level: str, is_anomaly: bool) -> None:
    expected = {
        ("TRACE", False): "low",
        ("DEBUG", False): "low",
        ("INFO", False): "low",
        ("WARN", False): "low",
        ("ERROR", False): "medium",
        ("FATAL", False): "high",
        ("TRACE", True): "medium",
        ("DEBUG", True): "medium",
        ("INFO", True): "medium",
        ("WARN", True): "high",
        ("ERROR", True): "critical",
        ("FATAL", True): "critical",
    }[level, is_anomaly]
    found = severity(np.array([LEVELS.index(level)]), np.array([is_anomaly]))
    assert SEVERITIES[found[0]] == expected


class Recorded:
    """A classifier that notes what it is asked; every text reads like an INFO with `certainty`,
    and else like an ERROR, which the source "calm" hardly ever says."""

    def __init__(self, certainty: float = 1) -> None:
        self.asked: list[str] = []
        self._certainty = certainty

    def levels(self, texts: list[str]) -> Levels:
        self.asked += texts
        probabilities = np.zeros((len(texts), len(LEVELS)), np.float32)
        probabilities[:, LEVELS.index("INFO")] = self._certainty
        probabilities[:, LEVELS.index("ERROR")] = 1 - self._certainty
        return Levels(probabilities, np.zeros(len(texts), np.bool_))

    def of_sources(
        self, probabilities: npt.NDArray[np.float32], sources: list[str]
    ) -> npt.NDArray[np.float32]:
        return weighed(probabilities, {"calm": [1, 1, 1, 1, 0.1, 0.1]}, sources)

    def unseen(self, text: str) -> list[str]:
        return [word for word in text.split() if word == "unheard"]


def assessor(certainty: float = 1) -> tuple[Assessor, Recorded]:
    classifier: Any = Recorded(certainty)
    return Assessor(classifier), classifier


def test_a_text_is_inferred_once_whatever_source_and_level_it_has() -> None:
    ours, classifier = assessor()
    table = UnitTable()
    for _ in range(2):
        logs = [
            Log(1, 0, source, level, f"took {source} 7 ms")
            for source in "ab"
            for level in (None, "INFO")
        ]
        ours.learn(table.chunk(rows_of(logs)))
    assert classifier.asked == ["took a <*>", "took b <*>"]
    assert len(ours.units) == 4


def test_a_table_that_starts_anew_is_learnt_anew() -> None:
    ours, classifier = assessor()
    table = UnitTable(most_units=0)
    history = History()
    for text in ("up", "down", "up"):
        chunk = table.chunk(rows_of([Log(message=text)]))
        ours.learn(chunk)
        ours.assess(history, group(chunk))
    assert classifier.asked == ["up", "down", "up"]
    assert [unit.text for unit in ours.units] == ["up"]


def test_words_are_counted_by_log_not_by_text() -> None:
    ours, _ = assessor()
    chunk, _, groups = chunked(
        [Log(message="all is well")] * 3 + [Log(message="unheard 7 unheard")]
    )
    ours.learn(chunk)
    assert ours.words(groups) == (3 * 3 + 3, 2)


def test_a_text_without_a_word_is_what_its_program_says_and_no_evidence() -> None:
    ours, _ = assessor()
    logs = [
        Log(1, 0, "a", "ERROR", "12 34"),
        Log(2, 0, "a", None, ""),
        Log(3, 0, "a", "ERROR", "up"),
    ]
    chunk, _, groups = chunked(logs)
    ours.learn(chunk)
    found = ours.assess(History(), groups)
    assert [LEVELS[rank] for rank in found.levels.ranks] == ["ERROR", "INFO", "INFO"]
    error = found.features[:, FEATURES.index("error_probability")]
    assert error.tolist() == [0, 0, 0]


def test_habits_of_a_source_decide_on_its_level_and_are_no_evidence() -> None:
    ours, _ = assessor(certainty=0.25)
    chunk, _, groups = chunked([Log(1, 0, "calm", None, "disk"), Log(2, 0, "other", None, "disk")])
    ours.learn(chunk)
    found = ours.assess(History(), groups)
    assert [LEVELS[rank] for rank in found.levels.ranks] == ["INFO", "ERROR"]
    assert found.levels.probabilities.sum(axis=1) == pytest.approx(1)
    error = found.features[:, FEATURES.index("error_probability")]
    assert error.tolist() == [0.75, 0.75]
    reasons = judge(found, detector(-1, -1)).reasons
    assert all("reads like ERROR (75%)" in each for each in reasons)


class Raw:
    """A detector's session that gives raw scores as told: higher is more usual."""

    def __init__(self, scores: list[float]) -> None:
        self._scores = scores

    def get_inputs(self) -> list[Any]:
        class Node:
            name = "features"

        return [Node()]

    def run(self, _: Any, given: dict[str, npt.NDArray[np.float32]]) -> list[Any]:
        assert len(given["features"]) == len(self._scores)
        return [np.array(self._scores, np.float32).reshape(-1, 1)]


def detector(*scores: float) -> Detector:
    """Return a detector calibrated from -1..1 to 0..1, with threshold 0.75."""
    session: Any = Raw(list(scores))
    calibration = {"raw": [-1.0, 1.0], "score": [0.0, 1.0]}
    return Detector(session, {"threshold": 0.75, "calibration": calibration})


def test_scores_are_calibrated_and_bounded() -> None:
    features = np.zeros((5, len(FEATURES)), np.float32)
    found = detector(1, 0, -1, -50, 50).scores(features)
    assert found.dtype == np.float32
    assert found.tolist() == [0, 0.5, 1, 1, 0]


def test_what_the_model_cannot_score_counts_as_the_most_unusual() -> None:
    features = np.zeros((3, len(FEATURES)), np.float32)
    assert detector(math.nan, math.inf, -math.inf).scores(features).tolist() == [1, 0, 1]


def test_no_groups_ask_no_model() -> None:
    assert len(detector(1).scores(np.zeros((0, len(FEATURES)), np.float32))) == 0


def test_only_anomalies_have_reasons_and_each_of_them_has() -> None:
    ours, _ = assessor()
    logs = [Log(1, 0, message="up"), Log(2, 0, message="down"), Log(3, 2 * HOUR, message="up")]
    chunk, _, groups = chunked(logs)
    ours.learn(chunk)
    verdicts = judge(ours.assess(History(), groups), detector(1, -1, -0.5))
    assert verdicts.is_anomaly.tolist() == [False, True, True]
    assert [bool(why) for why in verdicts.reasons] == [False, True, True]
    assert [SEVERITIES[at] for at in verdicts.severity] == ["low", "medium", "medium"]
    assert verdicts.confidence.tolist() == [1, 1, 1]
