"""A model that does not fit is refused before a row is read, in one sentence; nothing changes."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scoring import normalize
from scoring.__main__ import main
from scoring.features import FEATURES
from scoring.manifest import ModelError
from scoring.model import Models
from sql.database import Database
from tests.scoring.conftest import Score, make

CLASSIFIER, DETECTOR = "level_classifier.onnx", "anomaly_detector.onnx"
Spoil = Callable[[Path], object]


def manifest(**changes: Any) -> Spoil:
    """Return what changes the manifest: `entry__key=value` sets a key of an entry."""

    def spoil(folder: Path) -> None:
        path = folder / "manifest.json"
        content = json.loads(path.read_text())
        for name, value in changes.items():
            *entries, key = name.split("__")
            inner = content
            for entry in entries:
                inner = inner[entry]
            if value is None:
                del inner[key]
            else:
                inner[key] = value
        path.write_text(json.dumps(content))

    return spoil


def text(content: str) -> Spoil:
    """Return what makes the manifest something else."""
    return lambda folder: (folder / "manifest.json").write_text(content)


def swap(folder: Path) -> None:
    one, other = folder / CLASSIFIER, folder / DETECTOR
    one.rename(folder / "third")
    other.rename(one)
    (folder / "third").rename(other)


def swap_with_checksums(folder: Path) -> None:
    """Swap the files and make the manifest agree, so that only the inputs tell."""
    swap(folder)
    path = folder / "manifest.json"
    content = json.loads(path.read_text())
    level, anomaly = content["level_classifier"], content["anomaly_detector"]
    level["sha256"], anomaly["sha256"] = anomaly["sha256"], level["sha256"]
    path.write_text(json.dumps(content))


def file_for_a_folder(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("no folder")


def folder_for_a_file(folder: Path) -> None:
    (folder / DETECTOR).unlink()
    (folder / DETECTOR).mkdir()


def turn_labels_round(folder: Path) -> None:
    labels = json.loads((folder / "manifest.json").read_text())["level_classifier"]["labels"]
    manifest(level_classifier__labels=labels[::-1])(folder)


def flip_a_bit(folder: Path) -> None:
    path = folder / CLASSIFIER
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def garbage_with_its_checksum(folder: Path) -> None:
    content = b"this is no graph"
    (folder / DETECTOR).write_bytes(content)
    manifest(anomaly_detector__sha256=hashlib.sha256(content).hexdigest())(folder)


SPOILED: dict[str, tuple[Spoil, str]] = {
    "no folder": (shutil.rmtree, "manifest.json is missing"),
    "no manifest": (lambda folder: (folder / "manifest.json").unlink(), "manifest.json is missing"),
    "a file": (file_for_a_folder, "manifest.json cannot be read (Not a directory)"),
    "not JSON": (text("{not json"), "is not JSON"),
    "binary": (lambda folder: (folder / "manifest.json").write_bytes(b"\xff\xfe\0"), "is not JSON"),
    "a list": (text("[]"), "lacks some of"),
    "half of it": (manifest(anomaly_detector=None), "lacks some of"),
    "a version that is no text": (manifest(version=12), "version 12"),
    "an empty version": (manifest(version=""), "version ''"),
    "levels in another order": (turn_labels_round, "in another order"),
    "no labels": (manifest(level_classifier__labels=None), "have levels None"),
    "no threshold": (manifest(anomaly_detector__threshold=None), "threshold"),
    "no calibration": (manifest(anomaly_detector__calibration=None), "calibration"),
    "entry of another kind": (
        manifest(level_classifier="level_classifier.onnx"),
        "level_classifier",
    ),
    "a falling calibration": (
        manifest(anomaly_detector__calibration={"raw": [1, 0], "score": [0, 1]}),
        "calibration",
    ),
    "a threshold that is no number": (manifest(anomaly_detector__threshold="high"), "threshold"),
    "no model file": (lambda folder: (folder / DETECTOR).unlink(), "not in"),
    "a folder for a model file": (folder_for_a_file, "cannot be read (Is a directory)"),
    "a flipped bit": (flip_a_bit, "corrupt or was swapped"),
    "swapped files": (swap, "corrupt or was swapped"),
    "swapped files with checksums": (swap_with_checksums, "the manifest says"),
    "an empty file": (
        lambda folder: (folder / CLASSIFIER).write_bytes(b""),
        "corrupt or was swapped",
    ),
    "garbage with its checksum": (garbage_with_its_checksum, DETECTOR),
    "a file elsewhere": (manifest(level_classifier__file="../../etc/passwd"), "level_classifier"),
    "another normaliser": (
        manifest(normalizer_version=normalize.VERSION + 1),
        "normaliser version",
    ),
    "other features": (
        manifest(anomaly_detector__features=[*FEATURES[1:], FEATURES[0]]),
        "features",
    ),
    "an unknown level": (
        manifest(level_classifier__labels=["INFO", "PANIC"]),
        "levels ['INFO', 'PANIC']",
    ),
    "habits of too few levels": (
        manifest(level_classifier__habits={"shop": [1.0, 0.5]}),
        "habits of sources are not 6 numbers above 0",
    ),
    "habits that forbid a level": (
        manifest(level_classifier__habits={"shop": [0, 1, 1, 1, 1, 1]}),
        "habits of sources are not 6 numbers above 0",
    ),
    "too few levels": (manifest(level_classifier__labels=["INFO"]), "levels"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_model_that_does_not_fit_is_refused(
    how: str, models_folder: Path, tmp_path: Path
) -> None:
    spoil, said = SPOILED[how]
    folder = tmp_path / "onnx_models"
    shutil.copytree(models_folder, folder)
    spoil(folder)
    with pytest.raises(ModelError) as raised:
        Models(folder)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "python -m training" in str(raised.value) or "restore" in str(raised.value)
    assert str(tmp_path) not in str(raised.value)


def test_the_batch_refuses_with_exit_code_1_and_changes_nothing(
    models_folder: Path,
    tmp_path: Path,
    database: Database,
    database_url: str,
    score: Score,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make(database, 100)
    assert score()
    make(database, 100, first=100)
    folder = tmp_path / "onnx_models"
    shutil.copytree(models_folder, folder)
    flip_a_bit(folder)

    def state() -> list[Any]:
        with database.transaction():
            return [
                database.rows("tests.scored"),
                database.rows("tests.batches"),
                database.rows("tests.registered"),
            ]

    before = state()
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert main(["--folder", str(folder)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: level_classifier.onnx has sha256 ")
    assert said.err.count("\n") == 1
    assert state() == before


def test_replaced_models_take_over_and_the_old_ones_retire(
    models_folder: Path,
    tmp_path: Path,
    database: Database,
    database_url: str,
    score: Score,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "onnx_models"
    shutil.copytree(models_folder, folder)
    manifest(version="another")(folder)
    make(database, 10)
    score()
    make(database, 10, first=10)
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert main(["--folder", str(folder)]) == 0
    make(database, 10, first=20)
    with database.transaction():
        roles = [(row["role"], row["count_logs"]) for row in database.rows("tests.registered")]
    assert roles == [("retired", 10), ("champion", 10)]
    score()
    with database.transaction():
        roles = [(row["role"], row["count_logs"]) for row in database.rows("tests.registered")]
    assert roles == [("champion", 20), ("retired", 10)]
