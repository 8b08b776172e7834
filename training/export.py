"""Fitted models as ONNX graphs, and the proof that both say the same."""

from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.pipeline import Pipeline

from scoring.features import FEATURES
from scoring.model import Classifier, Detector
from training.detector import raw_scores
from training.errors import TrainingError
from training.graph import LinearText, graph

DETECTOR_OPSETS = {"": 18, "ai.onnx.ml": 3}
TOLERANCE = 1e-5


def export_classifier(model: Pipeline) -> bytes:
    """Return the classifier as a graph: string [n, 1] to label and probabilities.

    The words it knows travel in the graph's metadata, so that the scorer can count unseen ones.
    """
    vectorizer, linear = (
        model.named_steps[name] for name in ("tfidfvectorizer", "logisticregression")
    )
    coefficients, intercepts = linear.coef_, linear.intercept_
    if len(coefficients) == 1:  # One row of odds: the second class against the first.
        coefficients, intercepts = (
            np.concatenate([np.zeros_like(one), one]) for one in (coefficients, intercepts)
        )
    terms = [str(term) for term in vectorizer.get_feature_names_out()]
    labels = [str(label) for label in linear.classes_]
    exported = graph(LinearText(terms, vectorizer.idf_, coefficients, intercepts, labels))
    words = sorted(term for term in terms if " " not in term)
    add_metadata(exported, "vocabulary", " ".join(words))
    return bytes(exported.SerializeToString())


def export_detector(model: Pipeline) -> bytes:
    """Return the detector as a graph: float32 [n, k] to scores [n, 1], higher for more usual."""
    graph = to_onnx(
        model,
        initial_types=[("features", FloatTensorType([None, len(FEATURES)]))],
        target_opset=DETECTOR_OPSETS,
    )
    (output,) = graph.graph.output
    for node in graph.graph.node:
        node.output[:] = ["scores" if name == output.name else name for name in node.output]
    output.name = "scores"
    return bytes(graph.SerializeToString())


def add_metadata(graph: ModelProto, key: str, value: str) -> None:
    """Add a pair to the metadata of `graph`."""
    entry = graph.metadata_props.add()
    entry.key, entry.value = key, value


def check_classifier(model: Pipeline, exported: Classifier, texts: list[str]) -> float:
    """Return the largest difference of probabilities on `texts`; raise when it matters."""
    expected = model.predict_proba(texts)
    found = exported.levels(texts)
    columns = exported.columns
    difference = float(np.abs(found.probabilities[:, columns] - expected).max())
    disagreeing = int((found.probabilities[:, columns].argmax(1) != expected.argmax(1)).sum())
    require(difference, disagreeing, "level classifier")
    return difference


def check_detector(model: Pipeline, exported: Detector, features: npt.NDArray[np.float32]) -> float:
    """Return the largest difference of raw scores on `features`; raise when it matters."""
    expected = raw_scores(model, features)
    difference = float(np.abs(exported.raw_scores(features) - expected).max())
    require(difference, 0, "anomaly detector")
    return difference


def require(difference: float, disagreeing: int, what: str) -> None:
    """Raise TrainingError unless an exported model agrees with the fitted one."""
    if difference > TOLERANCE or disagreeing:
        raise TrainingError(
            f"the exported {what} differs from the fitted one by up to {difference:.2e} "
            f"(at most {TOLERANCE:.0e} is allowed) and on {disagreeing} labels: not published"
        )


def opsets(graph: bytes) -> dict[str, Any]:
    """Return the opsets that a serialised graph asks for."""
    return {
        entry.domain or "ai.onnx": entry.version
        for entry in ModelProto.FromString(graph).opset_import
    }
