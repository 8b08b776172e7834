"""Models into `onnx_models/`: graphs, manifest and a card in words; the manifest last."""

import hashlib
import json
import platform
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from training.card import card
from training.errors import TrainingError

LIBRARIES = ("scikit-learn", "skl2onnx", "onnx", "onnxruntime", "numpy")
CLASSIFIER = "level_classifier.onnx"
DETECTOR = "anomaly_detector.onnx"


def manifest(
    classifier: bytes, detector: bytes, entries: dict[str, dict[str, Any]], rest: dict[str, Any]
) -> dict[str, Any]:
    """Return the manifest of two graphs; `entries` adds to the entry of each model."""
    level = {"file": CLASSIFIER, "sha256": digest(classifier), **entries["level_classifier"]}
    anomaly = {"file": DETECTOR, "sha256": digest(detector), **entries["anomaly_detector"]}
    identity = f"{level['sha256']} {anomaly['sha256']} {anomaly['threshold']}"
    return {
        "version": digest(identity.encode())[:12],
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "libraries": {
            "python": platform.python_version(),
            **{name: version(name) for name in LIBRARIES},
        },
        **rest,
        "level_classifier": level,
        "anomaly_detector": anomaly,
    }


def digest(content: bytes) -> str:
    """Return the sha256 of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def publish(folder: Path, classifier: bytes, detector: bytes, manifest: dict[str, Any]) -> None:
    """Put all files in place, once all are written; a reader in between sees a checksum that does
    not fit, and refuses. Raises TrainingError when they cannot be written: the old ones stay."""
    files = {
        CLASSIFIER: classifier,
        DETECTOR: detector,
        "README.md": card(manifest).encode(),
        "manifest.json": (json.dumps(manifest, indent=2) + "\n").encode(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            beside(folder / name).write_bytes(content)
        for name in files:
            beside(folder / name).replace(folder / name)
    except OSError as exc:
        for name in files:
            with suppress(OSError):
                beside(folder / name).unlink(missing_ok=True)
        raise TrainingError(
            f"the models cannot be written to {folder.name}/ ({exc.strerror or exc}): make room or "
            "choose another --folder, then train again"
        ) from exc


def beside(path: Path) -> Path:
    """Return where the content of `path` is written before it is complete."""
    return path.with_name(path.name + ".new")
