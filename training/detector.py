"""The anomaly detector: evidence weighed on few named features, calibrated by rarity.

Each feature is higher where a log is more unusual, so evidence adds up in one direction only: what
is new, what comes in bursts and what reads like trouble. (An isolation forest on the same features
also calls unusual what is merely unusually quiet; see docs/models.md.) The weights come from
captured faults and are the same everywhere. How large a burst is a large one, how rare a score is,
and from where on it is an anomaly, is learned from the installation's own logs.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline, make_pipeline

from scoring.features import FEATURES, History
from scoring.groups import group
from scoring.model import Classifier
from scoring.verdict import Assessor
from training.dataset import Dataset
from training.errors import TrainingError

WEIGHTS = {
    "novelty": 1.5,
    "burst": 0.4,
    "unseen_words": 0.2,
    "error_probability": 1.0,
    "warning_probability": 0.5,
    "declared_severity": 0.3,
    "level_gap": 0.1,
}
"""Evidence of each feature, of a burst for each time that it is as large as a usual large one."""

LARGE_BURST = 0.95
"""Share of groups whose burst is smaller than a large one."""
LEAST_LARGE = 0.3
"""A large burst is at least this: where nothing ever bursts, a small one is still none."""

DECADES = 6.0
"""A calibrated score of 1 is one group of logs in a million."""

MOST_KNOTS = 64

Float32s = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Samples:
    """Feature rows [n, k] of groups in the order of arrival; the number of logs of each [n], and
    the unit [n] of each as an index into the dataset's."""

    features: Float32s
    counts: npt.NDArray[np.int64]
    units: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Calibration:
    """Knots of a rising line from raw scores to 0–1."""

    raw: list[float]
    score: list[float]


def walk(dataset: Dataset, classifier: Classifier) -> Samples:
    """Return the features of every group as batches would have computed them on the way."""
    assessor, history = Assessor(classifier), History()
    features, counts, units = [], [], []
    for chunk in dataset.chunks:
        assessor.learn(chunk)
        groups = group(chunk)
        features.append(assessor.assess(history, groups).features)
        counts.append(groups.count)
        units.append(groups.unit)
    return Samples(np.concatenate(features), np.concatenate(counts), np.concatenate(units))


def fit(features: Float32s) -> Pipeline:
    """Return the detector: features [n, k] to how usual they are, higher for more usual.

    Raises TrainingError when the features of training leave nothing to calibrate by.
    """
    if len(np.unique(features, axis=0)) < 2:
        raise TrainingError("all logs look the same to the anomaly detector: load more varied logs")
    bursts = features[:, FEATURES.index("burst")]
    large = max(float(np.quantile(bursts, LARGE_BURST)), LEAST_LARGE)
    weights = WEIGHTS | {"burst": WEIGHTS["burst"] / large}
    linear = LinearRegression()
    linear.coef_ = -np.array([weights[name] for name in FEATURES])
    linear.intercept_ = 0.0
    linear.n_features_in_ = len(FEATURES)
    return make_pipeline(linear)


def raw_scores(model: Pipeline, features: Float32s) -> Floats:
    """Return the detector's own scores of features [n, k], higher for more unusual, [n]."""
    found: Floats = -np.asarray(model.predict(features), np.float64)
    return found


def calibrate(raw: Floats) -> Calibration:
    """Return the calibration that makes a score say how rare it is among the raw ones [n].

    score = -log10(share of training groups that score as high or higher) / 6, so 0.5 is one in a
    thousand. Beyond the highest raw score of training the line goes on to 1. A group counts once,
    however many logs it has: it is read once, and one burst must not use up the alert budget.
    """
    values = np.sort(raw)
    share = np.arange(len(values), 0, -1) / len(values)
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
    """Return the calibrated score that a share `budget` of training groups reaches."""
    if not 10**-DECADES <= budget < 1:
        raise TrainingError(
            f"the alert budget is {budget}; expected the share that a person will read, a "
            f"template's logs of a minute counted once, from {10**-DECADES:g}, which is the rarest "
            "that a score tells, to below 1, such as 0.005"
        )
    return float(-np.log10(budget) / DECADES)


def histogram(scores: Float32s, counts: npt.NDArray[np.int64]) -> list[int]:
    """Return the logs in ten equal bins of calibrated score."""
    bins = np.minimum((scores * 10).astype(np.int64), 9)
    return [int(count) for count in np.bincount(bins, counts, 10)]
