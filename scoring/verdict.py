"""Verdicts: features, score, severity and reasons of every group of a chunk; knows no database."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.features import Facts, Groups, History, matrix, observe
from scoring.feedback import NO_FEEDBACK, Feedback
from scoring.levels import LEVELS, RANKS
from scoring.model import Classifier, Detector, Levels
from scoring.normalize import MASK
from scoring.reasons import Case, reasons
from scoring.rows import Chunk, Unit

SEVERITIES = ("low", "medium", "high", "critical")
"""In rising order, as the enum `log_severity` has them."""


CONFIRMED = "confirmed as worth reading by a person"
"""The first reason of an anomaly that feedback made one."""


@dataclass(frozen=True)
class Verdicts:
    """One verdict per group [g]; `rank` and `severity` index into LEVELS and SEVERITIES."""

    rank: npt.NDArray[np.intp]
    confidence: npt.NDArray[np.float32]
    score: npt.NDArray[np.float32]
    is_anomaly: npt.NDArray[np.bool_]
    severity: npt.NDArray[np.intp]
    reasons: list[str]
    is_failed: npt.NDArray[np.bool_]
    """Where a model gave no number, and a substitute stands."""


@dataclass(frozen=True)
class Assessment:
    """What is known of each group before it is judged; `features` is float32 [g, k]."""

    units: list[Unit]
    facts: Facts
    levels: Levels
    unseen: list[list[str]]
    features: npt.NDArray[np.float32]


class Assessor:
    """The classifier and what it said of each unit so far, so that a text is inferred once."""

    def __init__(self, classifier: Classifier) -> None:
        """Start with no unit known."""
        self._classifier = classifier
        self._forget()

    def _forget(self) -> None:
        self.units: list[Unit] = []
        self._probabilities = np.zeros((0, len(LEVELS)), np.float32)
        self._is_failed = np.zeros(0, np.bool_)
        self._unseen: list[list[str]] = []
        self._count_words: list[int] = []

    def learn(self, chunk: Chunk) -> None:
        """Infer the levels of the units that `chunk` brings."""
        if chunk.is_reset:
            self._forget()
        if not chunk.new_units:
            return
        texts = list(dict.fromkeys(unit.text for unit in chunk.new_units))
        place = {text: at for at, text in enumerate(texts)}
        found = self._classifier.levels(texts)
        rows = [place[unit.text] for unit in chunk.new_units]
        probabilities = found.probabilities[rows]
        for at, unit in enumerate(chunk.new_units):
            # No word to judge by: what the program says, if it says anything, goes.
            if unit.text == MASK and unit.declared_level:
                probabilities[at] = np.eye(len(LEVELS))[RANKS[unit.declared_level]]
        self._probabilities = np.concatenate([self._probabilities, probabilities])
        self._is_failed = np.concatenate([self._is_failed, found.is_failed[rows]])
        unseen = [self._classifier.unseen(text) for text in texts]
        self._unseen += [unseen[row] for row in rows]
        self._count_words += [unit.text.count(" ") + 1 for unit in chunk.new_units]
        self.units += chunk.new_units

    def words(self, groups: Groups) -> tuple[int, int]:
        """Return how many words the logs of `groups` have, and how many of them are unseen."""
        total = unseen = 0
        for unit, count in zip(groups.unit.tolist(), groups.count.tolist(), strict=True):
            total += count * self._count_words[unit]
            unseen += count * len(self._unseen[unit])
        return total, unseen

    def assess(self, history: History, chunk: Chunk, groups: Groups) -> Assessment:
        """Return what is known of `groups` of `chunk`, and add them to `history`."""
        facts = observe(history, self.units, chunk, groups)
        levels = Levels(self._probabilities[groups.unit], self._is_failed[groups.unit])
        units = [self.units[unit] for unit in groups.unit.tolist()]
        unseen = [self._unseen[unit] for unit in groups.unit.tolist()]
        share = np.array(
            [len(self._unseen[unit]) / self._count_words[unit] for unit in groups.unit.tolist()]
        )
        declared = [unit.declared_level for unit in units]
        has_words = np.array([unit.text != MASK for unit in units], np.bool_)
        features = matrix(facts, declared, levels.probabilities * has_words[:, None], share)
        return Assessment(units, facts, levels, unseen, features)


def judge(assessment: Assessment, detector: Detector, feedback: Feedback = NO_FEEDBACK) -> Verdicts:
    """Return the verdicts on assessed groups; what people said of a template goes before what the
    detector says: a confirmed one scores 1, a false alarm is no anomaly whatever it scores."""
    raw = detector.raw_scores(assessment.features)
    score = detector.calibrated(raw)
    is_anomaly = score >= detector.threshold
    ranks = assessment.levels.ranks
    why = [""] * len(score)
    said = [feedback.verdict(unit) for unit in assessment.units]
    for at, verdict in enumerate(said):
        if verdict is not None:
            is_anomaly[at] = verdict
            score[at] = 1.0 if verdict else score[at]
    for at in np.flatnonzero(is_anomaly).tolist():
        reasons_found = explain(assessment, at, LEVELS[ranks[at]])
        why[at] = "\n".join([CONFIRMED] * bool(said[at]) + reasons_found)
    return Verdicts(
        ranks,
        assessment.levels.confidence,
        score,
        is_anomaly,
        severity(ranks, is_anomaly),
        why,
        assessment.levels.is_failed | np.isnan(raw),
    )


def explain(assessment: Assessment, at: int, level: str) -> list[str]:
    """Return the reasons of group `at`, whose text reads like `level`."""
    unit = assessment.units[at]
    case = Case(
        unit.source,
        unit.declared_level,
        level,
        assessment.levels.probabilities[at].tolist(),
        assessment.unseen[at],
        assessment.facts,
        at,
    )
    return reasons(case, assessment.features[at].tolist())


def severity(rank: npt.NDArray[np.intp], is_anomaly: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """Return the severity by rule.

    critical: an anomaly that reads like ERROR or worse. high: one that reads like WARN, or
    anything that reads like FATAL. medium: any other anomaly, or ERROR. low: the rest.
    """
    error, warn, fatal = RANKS["ERROR"], RANKS["WARN"], RANKS["FATAL"]
    rules = [
        is_anomaly & (rank >= error),
        (is_anomaly & (rank == warn)) | (rank >= fatal),
        is_anomaly | (rank >= error),
    ]
    return np.select(rules, [3, 2, 1], 0)
