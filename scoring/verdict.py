"""Verdicts: features, score, severity and reasons of every group of a chunk; knows no database."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.features import Facts, History, matrix, observe
from scoring.feedback import NO_FEEDBACK, Feedback
from scoring.groups import Groups
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

    def pick(self, places: npt.NDArray[np.intp]) -> "Verdicts":
        """Return the verdicts at `places`."""
        return Verdicts(
            self.rank[places],
            self.confidence[places],
            self.score[places],
            self.is_anomaly[places],
            self.severity[places],
            [self.reasons[at] for at in places.tolist()],
            self.is_failed[places],
        )


@dataclass(frozen=True)
class Assessment:
    """What is known of each group before it is judged; `features` is float32 [g, k].

    `levels` are by the words and the habits of the source, `by_words` by the words alone.
    `units` and `unseen` words are those of all units so far, `unit` [g] is the place of each
    group's among them.
    """

    units: list[Unit]
    unseen: list[list[str]]
    unit: npt.NDArray[np.int32]
    facts: Facts
    levels: Levels
    by_words: Levels
    features: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Readings:
    """What the classifier and the programs say of each unit [u].

    Evidence is by the words alone: that a program never failed is no reason to doubt that it does.
    """

    probabilities: npt.NDArray[np.float32]
    by_words: npt.NDArray[np.float32]
    is_failed: npt.NDArray[np.bool_]
    has_words: npt.NDArray[np.bool_]
    declared_rank: npt.NDArray[np.intp]
    count_words: npt.NDArray[np.int64]
    count_unseen: npt.NDArray[np.int64]

    @classmethod
    def of_none(cls) -> "Readings":
        """Return the readings of no unit."""
        numbers, flags = np.zeros(0, np.int64), np.zeros(0, np.bool_)
        nothing = np.zeros((0, len(LEVELS)), np.float32)
        return cls(nothing, nothing, flags, flags, numbers, numbers, numbers)

    def __add__(self, other: "Readings") -> "Readings":
        """Return the readings of the units of both."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Readings(*map(np.concatenate, pairs))

    def __getitem__(self, units: npt.NDArray[np.int32]) -> "Readings":
        """Return the readings of `units`."""
        return Readings(*(values[units] for values in vars(self).values()))


class Assessor:
    """The classifier and what it said of each unit so far, so that a text is inferred once."""

    def __init__(self, classifier: Classifier) -> None:
        """Start with no unit known."""
        self._classifier = classifier
        self._forget()

    def _forget(self) -> None:
        self.units: list[Unit] = []
        self._unseen: list[list[str]] = []
        self._readings = Readings.of_none()

    def learn(self, chunk: Chunk) -> None:
        """Infer the levels of the units that `chunk` brings."""
        if chunk.is_reset:
            self._forget()
        new = chunk.new_units
        if not new:
            return
        texts = list(dict.fromkeys(unit.text for unit in new))
        place = {text: at for at, text in enumerate(texts)}
        found = self._classifier.levels(texts)
        rows = [place[unit.text] for unit in new]
        has_words = np.array([unit.text != MASK for unit in new])
        declared = np.array([RANKS.get(unit.declared_level, -1) for unit in new])
        by_words = found.probabilities[rows]
        probabilities = self._classifier.of_sources(by_words, [unit.source for unit in new])
        # No word to judge by: what the program says, if it says anything, goes.
        said = ~has_words & (declared >= 0)
        probabilities[said] = np.eye(len(LEVELS))[declared[said]]
        unseen = [self._classifier.unseen(text) for text in texts]
        self.units += new
        self._unseen += [unseen[row] for row in rows]
        readings = Readings(
            probabilities,
            by_words,
            found.is_failed[rows],
            has_words,
            declared,
            np.array([unit.text.count(" ") + 1 for unit in new]),
            np.array([len(unseen[row]) for row in rows]),
        )
        self._readings += readings

    def words(self, groups: Groups) -> tuple[int, int]:
        """Return how many words the logs of `groups` have, and how many of them are unseen."""
        readings = self._readings[groups.unit]
        return int(groups.count @ readings.count_words), int(groups.count @ readings.count_unseen)

    def assess(self, history: History, groups: Groups) -> Assessment:
        """Return what is known of `groups`, and add them to `history`."""
        facts = observe(history, self.units, groups)
        readings = self._readings[groups.unit]
        features = matrix(
            facts,
            readings.declared_rank,
            readings.by_words * readings.has_words[:, None],
            readings.count_unseen / readings.count_words,
        )
        levels, by_words = (
            Levels(each, readings.is_failed) for each in (readings.probabilities, readings.by_words)
        )
        return Assessment(self.units, self._unseen, groups.unit, facts, levels, by_words, features)


def judge(assessment: Assessment, detector: Detector, feedback: Feedback = NO_FEEDBACK) -> Verdicts:
    """Return the verdicts on assessed groups; what people said of a template goes before what the
    detector says: a confirmed one scores 1, a false alarm is no anomaly whatever it scores."""
    raw = detector.raw_scores(assessment.features)
    score = detector.calibrated(raw)
    is_anomaly = score >= detector.threshold
    ranks, read = assessment.levels.ranks, assessment.by_words.ranks
    said = feedback.verdicts(assessment.units, assessment.unit)
    is_anomaly = (is_anomaly | (said > 0)) & (said >= 0)
    score[said > 0] = 1.0
    why = [""] * len(score)
    for at in np.flatnonzero(is_anomaly).tolist():
        reasons_found = explain(assessment, at, LEVELS[read[at]])
        why[at] = "\n".join([CONFIRMED] * bool(said[at] > 0) + reasons_found)
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
    number = assessment.unit[at]
    unit = assessment.units[number]
    case = Case(
        unit.source,
        unit.declared_level,
        level,
        assessment.by_words.probabilities[at].tolist(),
        assessment.unseen[number],
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
