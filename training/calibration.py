"""How sure a model may be: calibration error, and the temperature that makes it small."""

import numpy as np
import numpy.typing as npt

BINS = 15
_TEMPERATURES = np.geomspace(0.4, 2.5, 37)

Floats = npt.NDArray[np.float64]


def best_temperature(probabilities: Floats, true: npt.NDArray[np.int64]) -> float:
    """Return the temperature, by which log-odds are divided, that gives probabilities [n, k] the
    smallest calibration error; `true` [n] are the right columns."""
    if not len(true):
        return 1.0
    log_odds = np.log(probabilities + 1e-12)
    right = log_odds.argmax(1) == true
    errors = [
        calibration_error(softmax(log_odds / temperature).max(1), right)
        for temperature in _TEMPERATURES
    ]
    return float(_TEMPERATURES[int(np.argmin(errors))])


def softmax(log_odds: Floats) -> Floats:
    """Return probabilities of log-odds [n, k]."""
    raised = np.exp(log_odds - log_odds.max(1, keepdims=True))
    found: Floats = raised / raised.sum(1, keepdims=True)
    return found


def calibration_error(confidence: Floats, right: npt.NDArray[np.bool_]) -> float:
    """Return the expected calibration error over equal bins of confidence.

    Source: Guo et al., On Calibration of Modern Neural Networks (2017), section 2.
    """
    at = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    gap = np.abs(np.bincount(at, confidence - right, BINS))
    return float(gap.sum() / max(len(confidence), 1))
