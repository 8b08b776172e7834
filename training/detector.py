"""The anomaly detector: evidence weighed on few named features, calibrated by rarity.

Each feature is higher where a log is more unusual, so evidence adds up in one direction only: what
is new counts most when it also reads like trouble, and so does a burst. (An isolation forest on the
same features also calls unusual what is merely unusually quiet; see docs/models.md.) The weights
come from captured faults and are the same everywhere; how rare a score is, and from where on it is
an anomaly, is learned from the installation's own logs.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from scoring.features import FEATURES, History, group
from scoring.model import Classifier
from scoring.verdict import Assessor
from training.dataset import Dataset
from training.errors import TrainingError

TROUBLE = {"error_probability": 1.0, "warning_probability": 0.5, "declared_severity": 0.3}
"""How much a log reads like trouble: evidence alone, with novelty, and with a burst."""
ALONE, WITH_NOVELTY, WITH_BURST = 0.3, 1.0, 0.06
NOVELTY_ALONE = 0.2

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


def evidence() -> dict[frozenset[str], float]:
    """Return the weight of each feature, and of each pair of features that count together."""
    weights = {frozenset({"novelty"}): NOVELTY_ALONE}
    for name, share in TROUBLE.items():
        weights[frozenset({name})] = ALONE * share
        weights[frozenset({name, "novelty"})] = WITH_NOVELTY * share
        weights[frozenset({name, "burst"})] = WITH_BURST * share
    return weights


def fit(samples: Samples) -> Pipeline:
    """Return the detector: features [n, k] to how usual they are, higher for more usual.

    Raises TrainingError when the samples leave nothing to calibrate by.
    """
    if len(np.unique(samples.features, axis=0)) < 2:
        raise TrainingError("all logs look the same to the anomaly detector: load more varied logs")
    pairs = PolynomialFeatures(2, interaction_only=True, include_bias=False)
    pairs.fit(samples.features[:1])
    weights = evidence()
    names = [frozenset(name.split()) for name in pairs.get_feature_names_out(FEATURES)]
    linear = LinearRegression()
    linear.coef_ = -np.array([weights.get(name, 0.0) for name in names])
    linear.intercept_ = 0.0
    linear.n_features_in_ = len(names)
    return make_pipeline(pairs, linear)


def raw_scores(model: Pipeline, features: Float32s) -> Floats:
    """Return the detector's own scores of features [n, k], higher for more unusual, [n]."""
    found: Floats = -np.asarray(model.predict(features), np.float64)
    return found


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
