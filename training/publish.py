"""Models into `onnx_models/`: graphs, manifest and a card in words; the manifest last."""

import hashlib
import json
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from training.card import card

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
    """Write all files; a reader in between sees a checksum that does not fit, and refuses."""
    folder.mkdir(parents=True, exist_ok=True)
    replace(folder / CLASSIFIER, classifier)
    replace(folder / DETECTOR, detector)
    replace(folder / "README.md", card(manifest).encode())
    replace(folder / "manifest.json", (json.dumps(manifest, indent=2) + "\n").encode())


def replace(path: Path, content: bytes) -> None:
    """Write `content` beside `path` and put it in its place at once."""
    beside = path.with_suffix(path.suffix + ".new")
    beside.write_bytes(content)
    beside.replace(path)
