"""Models into `onnx_models/`: graphs, manifest and a card in words; the manifest last."""

import hashlib
import json
import platform
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scoring.manifest import ModelError
from scoring.model import Models
from training.card import card
from training.errors import TrainingError

LIBRARIES = ("scikit-learn", "skl2onnx", "onnx", "onnxruntime", "numpy")
CLASSIFIER = "level_classifier.onnx"
DETECTOR = "anomaly_detector.onnx"
CARD, MANIFEST = "README.md", "manifest.json"


def manifest(
    classifier: bytes, detector: bytes, entries: dict[str, dict[str, Any]], rest: dict[str, Any]
) -> dict[str, Any]:
    """Return the manifest of two graphs; `entries` adds to the entry of each model."""
    level = {"file": CLASSIFIER, "sha256": digest(classifier), **entries["level_classifier"]}
    anomaly = {"file": DETECTOR, "sha256": digest(detector), **entries["anomaly_detector"]}
    judged_by = json.dumps([anomaly["threshold"], anomaly["calibration"], level["habits"]])
    identity = f"{level['sha256']} {anomaly['sha256']} {judged_by}"
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
    """Put a new pair of models, its manifest and its card in place; see `place`.

    Raises ModelError, before anything is replaced, when a scorer would not accept them.
    """
    files = {
        CLASSIFIER: classifier,
        DETECTOR: detector,
        CARD: card(manifest).encode(),
        MANIFEST: (json.dumps(manifest, indent=2) + "\n").encode(),
    }
    with TemporaryDirectory() as trial:
        place(Path(trial), files)
        Models(Path(trial))
    place(folder, files)


def place(folder: Path, files: dict[str, bytes]) -> None:
    """Put all files in place, once all are written; a reader in between sees a checksum that does
    not fit, and refuses. Raises TrainingError when they cannot be written: the old ones stay."""
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
            "choose another --folder, then try again"
        ) from exc


def complete(folder: Path) -> None:
    """Finish what a machine that stopped within `place` left: the new files if all were written,
    else the old ones, which are all still there."""
    names = (CLASSIFIER, DETECTOR, CARD, MANIFEST)
    waiting = [name for name in names if beside(folder / name).exists()]
    if not waiting:
        return
    try:
        wanted = json.loads(beside(folder / MANIFEST).read_bytes())
        found = {
            name: beside(folder / name) if name in waiting else folder / name for name in names
        }
        is_whole = all(
            digest(found[wanted[entry]["file"]].read_bytes()) == wanted[entry]["sha256"]
            for entry in ("level_classifier", "anomaly_detector")
        )
    except (OSError, ValueError):
        is_whole = False
    for name in waiting:
        if is_whole:
            beside(folder / name).replace(folder / name)
        else:
            beside(folder / name).unlink()


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files of the models in `folder`, the manifest last.

    Raises ModelError when they are not a whole that a scorer would accept.
    """
    manifest = Models(folder).manifest
    files = {name: (folder / name).read_bytes() for name in (CLASSIFIER, DETECTOR)}
    for entry in ("level_classifier", "anomaly_detector"):
        if digest(files[manifest[entry]["file"]]) != manifest[entry]["sha256"]:
            raise ModelError(f"the files in {folder.name}/ changed while they were read: try again")
    files[CARD] = card(manifest).encode()
    files[MANIFEST] = (json.dumps(manifest, indent=2) + "\n").encode()
    return files


def beside(path: Path) -> Path:
    """Return where the content of `path` is written before it is complete."""
    return path.with_name(path.name + ".new")
