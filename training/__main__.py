"""`python -m training`: fit both models on the logs in the database and publish them as ONNX."""

import argparse
import sys
from pathlib import Path
from typing import Any

from scoring import normalize
from scoring.features import FEATURES
from scoring.manifest import ModelError
from scoring.model import FOLDER, Classifier, Detector, Models, open_session
from scoring.selection import SelectionError, moment
from sql.database import connect
from sql.errors import DatabaseError
from training import base, classifier, dataset, detector, export, publish
from training.errors import TrainingError


def train(
    data: dataset.Dataset, budget: float, folder: Path, base_path: Path | None = None
) -> dict[str, Any]:
    """Fit, export, check and publish both models; return the manifest."""
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
    exported = Classifier(open_session(graph), labels)
    texts = list(dict.fromkeys(unit.text for unit in data.units))
    parity = export.check_classifier(fitted, exported, texts)

    samples = detector.walk(data, exported)
    say(f"fitting the anomaly detector on {len(samples.counts):,} groups of logs")
    fitted_detector = detector.fit(samples)
    calibration = detector.calibrate(
        detector.raw_scores(fitted_detector, samples.features), samples.counts
    )
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
            },
            "anomaly_detector": {
                "input": {"name": "features", "type": "tensor(float)"},
                "opset": export.opsets(detector_graph),
                "features": list(FEATURES),
                "parity": detector_parity,
                **entry,
            },
        },
        {
            "normalizer_version": normalize.VERSION,
            "training_data_sha256": data.sha256(),
            "base_corpus_sha256": base.sha256(base_path) if base_path else None,
            "count_training_logs": data.count_logs,
            "sources": sorted({unit.source for unit in data.units}),
            "score_histogram": detector.histogram(scores, samples.counts),
        },
    )
    publish.publish(folder, graph, detector_graph, manifest)
    Models(folder)  # What was written is what a scorer will accept.
    return manifest


def say(line: str) -> None:
    """Print a step to standard error."""
    print(line, file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Train; return the exit code: 0 published, 1 not, and the models in place stay."""
    parser = argparse.ArgumentParser(
        prog="python -m training",
        description="Fit both models on the logs of the database that DATABASE_URL names.",
    )
    parser.add_argument("--since", default="-infinity", help="logs that arrived since: 30d, or ISO")
    parser.add_argument(
        "--budget", type=float, default=0.005, help="share of logs a person will read (0.005)"
    )
    parser.add_argument(
        "--base",
        type=Path,
        help="levels of other programs to learn from too: program, level, message; .tsv or .tsv.gz",
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the models go")
    options = parser.parse_args(arguments)
    try:
        since = options.since if options.since == "-infinity" else moment(options.since)
        database = connect(application="logkiln training")
        data = dataset.read(database, since)
        database.close()
        say(f"read {data.count_logs:,} logs, {len(data.units):,} distinct")
        manifest = train(data, options.budget, options.folder, options.base)
    except (DatabaseError, ModelError, SelectionError, TrainingError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    print(f"published model {manifest['version']} to {options.folder.name}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
