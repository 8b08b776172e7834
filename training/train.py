"""One training: fit both models, export them, prove the export, publish the folder."""

import sys
from pathlib import Path
from typing import Any

from scoring import normalize
from scoring.features import FEATURES
from scoring.model import Classifier, Detector, open_session
from training import base, classifier, dataset, detector, export, publish
from training.judged import judged


def train(
    data: dataset.Dataset, budget: float, folder: Path, base_path: Path | None = None
) -> dict[str, Any]:
    """Fit, export, check and publish both models; return the manifest.

    Raises TrainingError when the logs teach nothing or the export does not agree with what was
    fitted, ModelError when a scorer would not accept the result; the folder is then as it was.
    """
    threshold = detector.threshold(budget)
    levelled = dataset.levelled(data)
    if base_path:
        levelled += base.read(base_path)
    dataset.checked(levelled)
    say(f"fitting the level classifier on {len(levelled.texts):,} texts")
    metrics = classifier.evaluate(levelled)
    fitted = classifier.fit(levelled)
    graph = export.export_classifier(fitted)
    labels = [str(label) for label in fitted.classes_]
    habits = classifier.habits(levelled)
    exported = Classifier(open_session(graph), labels, habits)
    texts = list(dict.fromkeys(unit.text for unit in data.units))
    parity = export.check_classifier(fitted, exported, texts)

    samples = detector.walk(data, exported)
    say(f"fitting the anomaly detector on {len(samples.counts):,} groups of logs")
    fitted_detector = detector.fit(samples.features)
    verdicts = judged(data, samples.units)
    rest = verdicts.rest()
    calibration = detector.calibrate(detector.raw_scores(fitted_detector, samples.features[rest]))
    detector_graph = export.export_detector(fitted_detector)
    entry: dict[str, Any] = {
        "threshold": threshold,
        "budget": budget,
        "calibration": {"raw": calibration.raw, "score": calibration.score},
    }
    exported_detector = Detector(open_session(detector_graph), entry)
    detector_parity = export.check_detector(fitted_detector, exported_detector, samples.features)
    scores = exported_detector.scores(samples.features)

    manifest = publish.manifest(
        graph,
        detector_graph,
        {
            "level_classifier": {
                "input": {"name": "text", "type": "tensor(string)"},
                "opset": export.opsets(graph),
                "labels": labels,
                "count_texts": len(levelled.texts),
                "parity": parity,
                "metrics": metrics,
                "habits": habits,
            },
            "anomaly_detector": {
                "input": {"name": "features", "type": "tensor(float)"},
                "opset": export.opsets(detector_graph),
                "features": list(FEATURES),
                "parity": detector_parity,
                "judged_groups": verdicts.summary(scores, threshold),
                **entry,
            },
        },
        {
            "normalizer_version": normalize.VERSION,
            "training_data_sha256": data.sha256(),
            "base_corpus_sha256": base.sha256(base_path) if base_path else None,
            "count_training_logs": data.count_logs,
            "trained_until": data.until,
            "sources": sorted({unit.source for unit in data.units}),
            "score_histogram": detector.histogram(scores, samples.counts),
        },
    )
    publish.publish(folder, graph, detector_graph, manifest)
    return manifest


def say(line: str) -> None:
    """Print a step to standard error."""
    print(line, file=sys.stderr, flush=True)
