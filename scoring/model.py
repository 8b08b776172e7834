"""The two ONNX models: loaded only when everything fits the manifest."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from scoring import normalize
from scoring.features import FEATURES
from scoring.levels import LEVELS
from scoring.manifest import ModelError, check, read

FOLDER = Path(__file__).parent.parent / "onnx_models"

ROWS_A_CALL = 64
"""Texts inferred at once. All are filled up to the longest, and what is computed of few stays in
the cache: 2 µs a text, sorted by length, against 6 in calls of 256 and 8 unsorted."""

PROBED_WORDS = 500
"""Words of the vocabulary that a classifier is asked when it is loaded; 1 ms."""

Float32s = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Levels:
    """Predicted levels of `n` texts: `probabilities` is float32 [n, 6], columns as LEVELS."""

    probabilities: Float32s
    is_failed: npt.NDArray[np.bool_]
    """Where the model gave no number, [n]."""

    @property
    def ranks(self) -> npt.NDArray[np.intp]:
        """Index into LEVELS of the most probable level, [n]."""
        best: npt.NDArray[np.intp] = self.probabilities.argmax(axis=1)
        return best

    @property
    def confidence(self) -> Float32s:
        """Probability of that level, [n]."""
        best: Float32s = self.probabilities.max(axis=1, initial=0).clip(max=1)
        return best


class Classifier:
    """The level classifier: normalised text to probabilities."""

    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        labels: list[str],
        habits: Mapping[str, Sequence[float]] | None = None,
    ) -> None:
        """Wrap a `session` whose probabilities have the columns `labels`, some of LEVELS, and the
        `habits` of sources: by how much each level, as LEVELS, is likelier than its text says."""
        self._session = session
        self._input = session.get_inputs()[0].name
        self.columns = [LEVELS.index(label) for label in labels]
        metadata = session.get_modelmeta().custom_metadata_map
        self.vocabulary = frozenset(metadata.get("vocabulary", "").split())
        self._habits = habits or {}

    def levels(self, texts: list[str]) -> Levels:
        """Predict the level of each normalised text."""
        probabilities = np.zeros((len(texts), len(LEVELS)), np.float32)
        by_length = sorted(range(len(texts)), key=lambda at: texts[at].count(" "))
        for start in range(0, len(texts), ROWS_A_CALL):
            places = by_length[start : start + ROWS_A_CALL]
            part = np.array([texts[at] for at in places], dtype=object).reshape(-1, 1)
            (found,) = self._session.run(["probabilities"], {self._input: part})
            probabilities[np.ix_(places, self.columns)] = found
        # A model that failed on a text knows nothing of it: every level is as likely.
        is_failed = np.isnan(probabilities.sum(axis=1))
        even = np.zeros(len(LEVELS), np.float32)
        even[self.columns] = 1 / len(self.columns)
        probabilities[is_failed] = even
        return Levels(probabilities, is_failed)

    def labels(self, texts: list[str]) -> list[str]:
        """Return the label that the graph itself gives each normalised text."""
        texts_given = np.array(texts, dtype=object).reshape(-1, 1)
        (found,) = self._session.run(["label"], {self._input: texts_given})
        return [str(label) for label in found]

    def of_sources(self, probabilities: Float32s, sources: Sequence[str]) -> Float32s:
        """Return probabilities [n, 6] of texts weighed by the habits of the `sources` [n] that
        said them; a source that training did not see has none."""
        return weighed(probabilities, self._habits, sources)

    def unseen(self, text: str) -> list[str]:
        """Return the words of a normalised text that were never seen in training."""
        return [word for word in text.split() if word not in self.vocabulary]


def weighed(
    probabilities: npt.NDArray[Any], habits: Mapping[str, Sequence[float]], sources: Sequence[str]
) -> npt.NDArray[Any]:
    """Return probabilities [n, 6] times the habits of the `sources` [n], summing to 1 again."""
    even = [1.0] * len(LEVELS)
    factors = np.array([habits.get(source, even) for source in sources]).reshape(-1, len(LEVELS))
    products = probabilities * factors
    found: npt.NDArray[Any] = products / products.sum(axis=1, keepdims=True)
    return found.astype(probabilities.dtype)


class Detector:
    """The anomaly detector: features to a score from 0 to 1."""

    def __init__(self, session: onnxruntime.InferenceSession, entry: dict[str, Any]) -> None:
        """Wrap a `session` with the threshold and calibration of its manifest `entry`."""
        self._session = session
        self._input = session.get_inputs()[0].name
        self._calibration = entry["calibration"]
        self.threshold = float(entry["threshold"])

    def raw_scores(self, features: Float32s) -> Float32s:
        """Return the model's own scores of `features` [n, k], higher for more unusual, [n]."""
        if not len(features):
            return np.zeros(0, np.float32)
        (found,) = self._session.run(["scores"], {self._input: features})
        return -np.asarray(found, np.float32).ravel()

    def calibrated(self, raw: Float32s) -> Float32s:
        """Return raw scores [n] on the scale from 0 to 1, [n].

        A score that the model could not compute (NaN) counts as the most unusual, so that it is
        seen and not lost.
        """
        score = np.interp(raw, self._calibration["raw"], self._calibration["score"])
        return np.where(np.isnan(raw), 1.0, score).astype(np.float32)

    def scores(self, features: Float32s) -> Float32s:
        """Return calibrated scores of `features` [n, k], [n]."""
        return self.calibrated(self.raw_scores(features))


class Models:
    """Level classifier and anomaly detector of one manifest."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Load and check the models in `folder`; raise ModelError when anything does not fit."""
        self.manifest = read(folder)
        check(self.manifest)
        self.version: str = self.manifest["version"]
        level, anomaly = self.manifest["level_classifier"], self.manifest["anomaly_detector"]
        self.classifier = Classifier(load(folder, level), level["labels"], level.get("habits"))
        self.detector = Detector(load(folder, anomaly), anomaly)
        probe(self)


def load(folder: Path, entry: dict[str, Any]) -> onnxruntime.InferenceSession:
    """Return a session on the model file that `entry` of the manifest describes, verified."""
    path = folder / entry["file"]
    try:
        content = path.read_bytes()
    except FileNotFoundError as exc:
        raise ModelError(
            f"{path.name} is in the manifest but not in {folder.name}/; restore it or run "
            "`python -m training`"
        ) from exc
    except OSError as exc:
        raise ModelError(
            f"{folder.name}/{path.name} cannot be read ({exc.strerror}); expected the file that "
            "the manifest describes: restore it or run `python -m training`"
        ) from exc
    digest = hashlib.sha256(content).hexdigest()
    if digest != entry["sha256"]:
        raise ModelError(
            f"{path.name} has sha256 {digest[:12]}…, the manifest says {entry['sha256'][:12]}…: "
            "the file is corrupt or was swapped; restore it or run `python -m training`"
        )
    try:
        session = open_session(content)
    except Exception as exc:  # onnxruntime's errors have no other class in common
        raise ModelError(
            f"{path.name} is not a model that onnxruntime {onnxruntime.__version__} can load "
            f"({' '.join(str(exc).split())}); run `python -m training`"
        ) from exc
    given = [[node.name, node.type] for node in session.get_inputs()]
    if given != [[entry["input"]["name"], entry["input"]["type"]]]:
        raise ModelError(
            f"{path.name} takes {given}, the manifest says {entry['input']}: "
            "restore both or run `python -m training`"
        )
    return session


def probe(models: Models) -> None:
    """Raise ModelError unless both models answer in the shapes that the manifest promises, and the
    classifier's columns are the labels that it names itself."""
    words = sorted(models.classifier.vocabulary)
    texts = [normalize.MASK, *words[:: len(words) // PROBED_WORDS + 1]]
    try:
        said = models.classifier.labels(texts)
        ranks = models.classifier.levels(texts).ranks
        models.detector.scores(np.zeros((1, len(FEATURES)), np.float32))
    except Exception as exc:  # of numpy or of onnxruntime, see above
        raise ModelError(
            "the models do not answer with a probability for each of the manifest's levels and a "
            f"score for {len(FEATURES)} features ({' '.join(str(exc).split())}); "
            "run `python -m training`"
        ) from exc
    if said != [LEVELS[rank] for rank in ranks]:
        raise ModelError(
            "level_classifier.onnx has its levels in another order than the manifest: "
            "restore both or run `python -m training`"
        )


def open_session(content: bytes) -> onnxruntime.InferenceSession:
    """Return a session on the bytes of a model, set up for a batch."""
    options = onnxruntime.SessionOptions()
    # One thread: reading and writing keep the second core busy, and a pool that spins takes it
    # from them. The arena never gives memory back, which a batch of flat memory cannot have.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
