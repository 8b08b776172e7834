"""The anomaly detector: an isolation forest on few named features, calibrated by rarity."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import IsolationForest

from scoring.features import History, group
from scoring.model import Classifier
from scoring.verdict import Assessor
from training.dataset import Dataset
from training.errors import TrainingError

DECADES = 6.0
"""A calibrated score of 1 is one log in a million."""

MOST_KNOTS = 64

Float32s = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Samples:
    """Feature rows [n, k] of groups in the order of arrival, and the number of logs of each [n]."""

    features: Float32s
    counts: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Calibration:
    """Knots of a rising line from raw scores to 0–1."""

    raw: list[float]
    score: list[float]


def walk(dataset: Dataset, classifier: Classifier) -> Samples:
    """Return the features of every group as the batch would have computed them on the way."""
    assessor, history = Assessor(classifier), History()
    features, counts = [], []
    for chunk in dataset.chunks:
        assessor.learn(chunk)
        groups = group(chunk)
        features.append(assessor.assess(history, chunk, groups).features)
        counts.append(groups.count)
    return Samples(np.concatenate(features), np.concatenate(counts))


def fit(samples: Samples) -> IsolationForest:
    """Return the forest fitted on groups, a group of many logs counting somewhat more.

    Features stay float32 on purpose: the exported trees compare float32, and a split fitted in
    float64 may fall the other way.
    """
    if len(np.unique(samples.features, axis=0)) < 2:
        raise TrainingError("all logs look the same to the anomaly detector: load more varied logs")
    forest = IsolationForest(n_estimators=100, max_samples=256, random_state=0)
    return forest.fit(samples.features, sample_weight=1.0 + np.log(samples.counts))


def calibrate(raw: Floats, counts: npt.NDArray[np.int64]) -> Calibration:
    """Return the calibration that makes a score say how rare it is.

    score = -log10(share of training logs that score as high or higher) / 6, so 0.5 is one in a
    thousand. Beyond the highest raw score of training the line goes on to 1.
    """
    order = np.argsort(raw)
    values, weights = raw[order], counts[order].astype(np.float64)
    share = np.cumsum(weights[::-1])[::-1] / weights.sum()
    distinct, first = np.unique(values, return_index=True)
    score = np.minimum(-np.log10(share[first]) / DECADES, 1.0)
    if len(distinct) > MOST_KNOTS:
        # Even steps of score: the rare end, which decides, keeps its detail.
        wanted = np.linspace(0, score[-1], MOST_KNOTS)
        picked = np.unique(np.searchsorted(score, wanted).clip(max=len(score) - 1))
        distinct, score = distinct[picked], score[picked]
    beyond = distinct[-1] + max(float(distinct[-1] - distinct[0]) * 0.25, 1e-3)
    return Calibration([*distinct.tolist(), beyond], [*score.tolist(), 1.0])


def threshold(budget: float) -> float:
    """Return the calibrated score that a share `budget` of training logs reaches."""
    if not 0 < budget < 1:
        raise TrainingError(
            f"the alert budget is {budget}; expected the share of logs that a person will read, "
            "between 0 and 1, such as 0.005"
        )
    return float(-np.log10(budget) / DECADES)


def histogram(scores: Float32s, counts: npt.NDArray[np.int64]) -> list[int]:
    """Return the logs in ten equal bins of calibrated score."""
    bins = np.minimum((scores * 10).astype(np.int64), 9)
    return [int(count) for count in np.bincount(bins, counts, 10)]
