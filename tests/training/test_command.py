"""`python -m training`: what it publishes is complete, true and accepted; else nothing changes."""

import gzip
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from local.postgres import Server
from scoring import normalize
from scoring.features import FEATURES
from scoring.levels import LEVELS
from scoring.model import Classifier, Models, open_session
from sql.database import Database, connect
from training import __main__ as command
from training import base, classifier, dataset, export, publish
from training.__main__ import main

Run = Callable[..., tuple[int, str]]


def manifest_in(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def published(models_folder: Path, tmp_path: Path) -> Path:
    """A folder with published models, to be replaced or not."""
    folder = tmp_path / "onnx_models"
    shutil.copytree(models_folder, folder)
    return folder


@pytest.fixture
def run(
    database_url: str,
    published: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Train on an empty, migrated database into `published`; return exit code and last words."""
    monkeypatch.setenv("DATABASE_URL", database_url)

    def run(*words: str) -> tuple[int, str]:
        code = main(["--folder", str(published), *words])
        return code, capsys.readouterr().err.strip().splitlines()[-1]

    return run


def test_the_manifest_tells_what_the_files_are(models_folder: Path) -> None:
    manifest = manifest_in(models_folder)
    level, anomaly = manifest["level_classifier"], manifest["anomaly_detector"]
    for entry in (level, anomaly):
        content = (models_folder / entry["file"]).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert 0 <= entry["parity"] <= 1e-5
        assert entry["opset"]
    assert set(level["labels"]) <= set(LEVELS)
    assert len(level["labels"]) >= 4
    assert anomaly["features"] == list(FEATURES)
    assert manifest["normalizer_version"] == normalize.VERSION
    assert len(manifest["training_data_sha256"]) == 64
    assert manifest["count_training_logs"] == sum(manifest["score_histogram"]) > 5000
    assert {"scikit-learn", "skl2onnx", "onnxruntime", "numpy", "python"} <= manifest[
        "libraries"
    ].keys()
    assert {"shop", "sshd"} <= set(manifest["sources"])


def test_the_card_says_it_in_words(models_folder: Path) -> None:
    card = (models_folder / "README.md").read_text(encoding="utf-8")
    manifest = manifest_in(models_folder)
    assert f"Model {manifest['version']}" in card
    assert f"{manifest['count_training_logs']:,} logs" in card
    assert manifest["training_data_sha256"][:16] in card


def test_the_models_that_come_with_the_checkout_fit_this_scorer() -> None:
    models = Models()
    assert set(models.manifest["level_classifier"]["labels"]) == set(LEVELS)


def test_the_graph_says_what_scikit_learn_says_on_every_text(
    postgres_server: Server, captured_template: str
) -> None:
    database = connect(postgres_server.url(captured_template))
    data = dataset.read(database)
    database.close()
    fitted = classifier.fit(dataset.levelled(data))
    labels = [str(label) for label in fitted.classes_]
    exported = Classifier(open_session(export.export_classifier(fitted)), labels)
    texts = sorted({unit.text for unit in data.units})
    expected = fitted.predict_proba(texts)
    found = exported.levels(texts).probabilities[:, [LEVELS.index(label) for label in labels]]
    assert np.abs(found - expected).max() < 1e-5
    assert (found.argmax(1) == expected.argmax(1)).all()
    assert np.allclose(found.sum(1), 1, atol=1e-5)


def test_the_same_logs_make_the_same_models(
    postgres_server: Server,
    captured_template: str,
    models_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_server.url(captured_template))
    assert main(["--folder", str(tmp_path)]) == 0
    again, before = manifest_in(tmp_path), manifest_in(models_folder)
    assert again["training_data_sha256"] == before["training_data_sha256"]
    assert again["version"] == before["version"]
    for kind in ("raw", "score"):
        one, other = (each["anomaly_detector"]["calibration"][kind] for each in (again, before))
        assert one == pytest.approx(other, abs=1e-5)
    texts = ["connection refused", "started", "cannot open <*>", "checkpoint complete", "panic"]
    one, other = (Models(folder).classifier.levels(texts) for folder in (tmp_path, models_folder))
    assert np.allclose(one.probabilities, other.probabilities, atol=1e-5)


def test_logs_that_are_too_few_are_said_to_be(
    run: Run, database: Database, published: Path
) -> None:
    before = files_in(published)
    code, said = run()
    assert code == 1
    assert said.startswith("error: 0 logs to train on, at least 200 are needed: ")
    assert "python -m ingest" in said
    assert files_in(published) == before


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        ("no_levels", "the logs declare no level at all; at least two of"),
        ("one_level", "the logs declare INFO; at least two of"),
        ("one_source", "all logs with a level come from one source (shop)"),
        ("one_text", "the 1,000 logs are 1 distinct texts, at least 5 are needed"),
        ("no_words", "the logs hold nothing but numbers and ids, and no word to learn from"),
        ("few_levels", "1 distinct texts declare a level, at least 20 are needed"),
    ],
)
def test_logs_that_teach_nothing_are_refused(
    spoil: str, expected: str, run: Run, database: Database, published: Path
) -> None:
    with database.transaction():
        database.execute("tests.make_logs", first=0, count=1000)
        database.execute(f"tests.train_on_{spoil}")
    before = files_in(published)
    code, said = run()
    assert code == 1
    assert said.startswith("error: ")
    assert expected in said
    assert files_in(published) == before


def test_a_base_corpus_does_not_make_up_for_logs_that_are_all_alike(
    run: Run, database: Database, published: Path, tmp_path: Path
) -> None:
    path = tmp_path / "base.tsv"
    lines = (f"program{at % 9}\t{LEVELS[at % 6]}\tword{at} failed" for at in range(200))
    path.write_text("\n".join(["program\tlevel\tmessage", *lines]), encoding="utf-8")
    with database.transaction():
        database.execute("tests.make_logs", first=0, count=1000)
        database.execute("tests.train_on_one_text")
    before = files_in(published)
    code, said = run("--base", str(path))
    assert code == 1
    assert "the 1,000 logs are 1 distinct texts" in said
    assert files_in(published) == before


def test_a_challenger_waits_beside_the_champion_if_there_is_one(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    challenger = published / "challenger"
    monkeypatch.setattr(command, "FOLDER", published)
    monkeypatch.setattr(command, "CHALLENGER", challenger)
    assert command.destination() == challenger
    (published / "level_classifier.onnx").write_bytes(b"damaged")
    assert command.destination() == published


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--since", "soon"), "'soon' is not a time; expected"),
        (("--budget", "0"), "the alert budget is 0.0; expected"),
        (("--budget", "1e-7"), "the alert budget is 1e-07; expected"),
        (("--budget", "1"), "the alert budget is 1.0; expected"),
        (("--budget", "nan"), "the alert budget is nan; expected"),
        (("--base", "no-such-file.tsv"), "no-such-file.tsv"),
    ],
)
def test_wrong_words_are_refused(
    words: tuple[str, ...], expected: str, run: Run, database: Database, published: Path
) -> None:
    with database.transaction():
        database.execute("tests.make_logs", first=0, count=300)
    before = files_in(published)
    code, said = run(*words)
    assert code == 1
    assert expected in said
    assert files_in(published) == before


PACKED = gzip.compress(b"".join(b"a\tINFO\tmessage %d\n" % at for at in range(1000)))
BASES = {
    "empty": (b"", "has the columns []"),
    "other columns": (b"a\tb\n1\t2\n", "has the columns ['a', 'b']"),
    "a short line": (b"program\tlevel\tmessage\na\tINFO\n", "line 2 of base.tsv has 2 columns"),
    "not text": (b"program\tlevel\tmessage\na\tINFO\t\xff\n", "cannot be read"),
    "half a gzip": (gzip.compress(b"program\tlevel\tmessage\n" * 100)[:30], "cannot be read"),
    "a bad gzip": (
        gzip.compress(b"program\tlevel\tmessage\n" * 100)[:-12] + b"x" * 12,
        "cannot be read",
    ),
    "a damaged gzip": (PACKED[:100] + b"\xff" * 50 + PACKED[150:], "cannot be read"),
    "no gzip": (b"\x1f\x8b and then something else", "cannot be read"),
}


@pytest.mark.parametrize("what", BASES)
def test_a_base_corpus_that_is_none_is_refused(
    what: str, run: Run, database: Database, published: Path, tmp_path: Path
) -> None:
    content, expected = BASES[what]
    path = tmp_path / "base.tsv"
    path.write_bytes(content)
    with database.transaction():
        database.execute("tests.make_logs", first=0, count=300)
    code, said = run("--base", str(path))
    assert code == 1
    assert said.startswith("error: ")
    assert expected in said


def test_a_base_corpus_is_read_whatever_its_messages_hold(tmp_path: Path) -> None:
    path = tmp_path / "base.tsv.gz"
    messages = ["x" * 200_000, 'an "open quote', "a\u2028b", "\x1b[31m", "", "12"]
    lines = ["program\tlevel\tmessage", *(f"a\terr\t{message}" for message in messages)]
    path.write_bytes(gzip.compress("\r\n".join([*lines, "a\tnonsense\tb", ""]).encode()))
    found = base.read(path)
    assert found.texts == list(dict.fromkeys(map(normalize.normalize, messages)))
    assert set(found.levels) == {"ERROR"}
    assert sum(found.counts) == len(messages)
    assert all(found.is_base)


def test_a_disk_that_is_full_leaves_the_models_in_place(
    postgres_server: Server,
    captured_template: str,
    published: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    real = Path.write_bytes

    def write_bytes(self: Path, content: Any) -> int:
        if self.name.startswith(publish.DETECTOR):
            raise OSError(28, "No space left on device")
        return real(self, content)

    before = files_in(published)
    monkeypatch.setenv("DATABASE_URL", postgres_server.url(captured_template))
    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    assert main(["--folder", str(published), "--budget", "0.01"]) == 1
    assert "error: " in (said := capsys.readouterr().err)
    assert "No space left on device" in said
    monkeypatch.undo()
    assert {name: files_in(published)[name] for name in before} == before
    Models(published)


def test_a_database_that_is_not_there_or_not_migrated_is_one_sentence(
    empty_database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    assert main(["--folder", str(tmp_path / "new")]) == 1
    assert "run `python -m sql migrate` first" in capsys.readouterr().err
    for name in ("DATABASE_URL", "DATABASE_URL_UNPOOLED", "POSTGRES_URL_NON_POOLING"):
        monkeypatch.delenv(name, raising=False)
    assert main(["--folder", str(tmp_path / "new")]) == 1
    assert "set DATABASE_URL" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
