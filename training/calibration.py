"""How sure a model may be: calibration error, and the temperature that makes it small."""

import numpy as np
import numpy.typing as npt

BINS = 15
_TEMPERATURES = np.geomspace(0.4, 2.5, 37)

Floats = npt.NDArray[np.float64]


def best_temperature(probabilities: Floats, true: npt.NDArray[np.int64]) -> float:
    """Return the temperature, by which log-odds are divided, that makes the right columns `true`
    [n] of probabilities [n, k] the most likely.

    The temperature of least calibration error on some programs is less often that of others.
    Source: Guo et al., On Calibration of Modern Neural Networks (2017), section 4.2.
    """
    if not len(true):
        return 1.0
    log_odds = np.log(probabilities + 1e-12)
    at = np.arange(len(true))
    likelihoods = [
        np.log(softmax(log_odds / temperature)[at, true] + 1e-12).mean()
        for temperature in _TEMPERATURES
    ]
    return float(_TEMPERATURES[int(np.argmax(likelihoods))])


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
