"""A challenger takes the champion's place only through the gate, and whole; and one can go back."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scoring import shadow
from scoring.__main__ import main as score
from scoring.manifest import ModelError
from scoring.model import Models
from scoring.selection import moment
from sql.database import Database
from tests.training.challengers import changed, edit
from training import gate, promote, publish
from training.__main__ import main

COUNT = 1500
FIGURES: dict[str, Any] = {
    "count_logs": 50000, "count_declared": 4000, "count_unjudged_groups": 5000,
    "count_anomalous_groups": 30, "count_champion_anomalous_groups": 25, "macro_f1": 0.6,
    "champion_macro_f1": 0.6, "warn_f1": 0.7, "champion_warn_f1": 0.7, "score_psi": 0.1,
    "count_verdicts": 20, "share_confirmed": 0.8, "champion_share_confirmed": 0.8,
}  # fmt: skip
MANIFEST: dict[str, Any] = {
    "level_classifier": {"parity": 1e-7},
    "anomaly_detector": {"parity": 1e-7, "budget": 0.005},
}

Run = Callable[..., tuple[int, str]]


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, set()),
        ({"count_logs": 999}, {"logs"}),
        ({"macro_f1": 0.581}, set()),
        ({"macro_f1": 0.579}, {"levels"}),
        ({"warn_f1": 0.67}, {"warnings"}),
        ({"macro_f1": 0.1, "count_declared": 99}, set()),
        ({"warn_f1": None, "champion_warn_f1": None}, set()),
        ({"count_anomalous_groups": 60}, set()),
        ({"count_anomalous_groups": 61}, {"volume"}),
        ({"count_anomalous_groups": 900, "count_champion_anomalous_groups": 600}, set()),
        ({"count_anomalous_groups": 0}, set()),
        ({"count_anomalous_groups": 0, "count_champion_anomalous_groups": 41}, {"volume"}),
        ({"share_confirmed": 0.76}, set()),
        ({"share_confirmed": 0.74}, {"precision"}),
        ({"share_confirmed": 0.1, "count_verdicts": 9}, set()),
        ({"share_confirmed": None}, set()),
        ({"score_psi": 0.26}, {"drift"}),
        ({"score_psi": 0.26, "count_unjudged_groups": 499}, set()),
    ],
)
def test_the_gate_refuses_what_is_worse_beyond_its_margins(
    changes: dict[str, Any], refused: set[str]
) -> None:
    found = gate.checks(MANIFEST, FIGURES | changes)
    assert {check.name for check in found if not check.is_passed} == refused


def test_the_gate_refuses_an_export_that_differs_and_what_was_not_compared() -> None:
    level = {"level_classifier": {"parity": 1e-4}}
    (differing,) = (
        check for check in gate.checks(MANIFEST | level, FIGURES) if not check.is_passed
    )
    assert (differing.name, differing.figure) == ("parity", 1e-4)
    assert [check.name for check in gate.checks(MANIFEST, None) if not check.is_passed] == ["logs"]


@pytest.fixture
def champion(
    database: Database, database_url: str, models_folder: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:  # fmt: skip
    """A folder with the champion, which has scored logs that came after its training."""
    folder = tmp_path / "onnx_models"
    shutil.copytree(models_folder, folder)
    monkeypatch.setenv("DATABASE_URL", database_url)
    with database.transaction():
        database.execute("tests.make_logs", first=0, count=COUNT)
    assert score(["--folder", str(folder)]) == 0
    return folder


@pytest.fixture
def run(champion: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `python -m training promote` or `rollback`; return exit code and all that was said."""

    def run(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main([*words, "--champion", str(champion)])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def compared(database: Database, url: str, champion: Path, folder: Path, threshold: float) -> str:
    """Make a challenger in `folder` and let it score in the shadow; return its version.

    It is said to have been trained on logs with scores like these, so that only the threshold
    decides.
    """
    version = changed(champion, folder, threshold=threshold)
    with database.transaction():
        edit(folder, score_histogram=database.value("tests.latest_histogram"))
    shadow.run(url, Models(folder), moment("1h"))
    return version


def decided(database: Database) -> list[tuple[str, str, str]]:
    """Return kind, version and champion of each decision."""
    with database.transaction():
        rows = database.rows("tests.decisions")
    return list(
        dict.fromkeys((row["kind"], row["version"], row["champion_version"]) for row in rows)
    )


def test_promoted_scored_and_rolled_back(
    database: Database, database_url: str, champion: Path, run: Run, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    # In the shadow the second batch has less of a past than it had, when both are of one hour.
    monkeypatch.setattr(gate, "MOST_PSI", 1.0)
    first = Models(champion).version
    before = {path.name: path.read_bytes() for path in champion.glob("*.onnx")}
    second = compared(database, database_url, champion, tmp_path / "second", threshold=0.95)
    code, said = run("promote", str(tmp_path / "second"))
    assert code == 0, said
    assert said.startswith(f"promoted: model {second}, in place of {first}\nok  parity: ")
    assert Models(champion).version == second
    assert Models(champion / "previous" / first).version == first
    with database.transaction():
        database.execute("tests.make_logs", first=COUNT, count=COUNT)
    assert score(["--folder", str(champion)]) == 0
    with database.transaction():
        roles = {row["version"]: row["role"] for row in database.rows("tests.roles_of_models")}
    assert roles == {first: "retired", second: "champion"}
    third = compared(database, database_url, champion, tmp_path / "third", threshold=0.94)
    code, said = run("promote", str(tmp_path / "third"))
    assert code == 0, said
    # Back, and further back, each to the one that was replaced.
    assert run("rollback")[0] == 0
    assert Models(champion).version == second
    code, said = run("rollback")
    assert (code, said) == (0, f"rolled back: model {first}, in place of {second}\n")
    assert {path.name: path.read_bytes() for path in champion.glob("*.onnx")} == before
    code, said = run("rollback")
    assert code == 1
    assert f"model {first} was not promoted by" in said
    assert decided(database) == [
        ("promoted", second, first),
        ("promoted", third, second),
        ("rolled_back", second, third),
        ("rolled_back", first, second),
    ]


def test_a_worse_challenger_is_refused_with_reasons(
    database: Database, database_url: str, champion: Path, run: Run, tmp_path: Path
) -> None:
    before = {path.name: path.read_bytes() for path in champion.iterdir()}
    compared(database, database_url, champion, tmp_path / "worse", threshold=0.0)
    code, said = run("promote", str(tmp_path / "worse"))
    assert code == 1
    assert said.startswith("refused: ")
    all_of_them = re.search(r"NO  volume: ([\d,]+) anomalous groups of \1, the champion has ", said)
    assert all_of_them
    assert {path.name: path.read_bytes() for path in champion.iterdir()} == before
    with database.transaction():
        rows = database.rows("tests.decisions")
    assert {row["kind"] for row in rows} == {"refused"}
    assert [row["name"] for row in rows if not row["is_passed"]] == ["volume"]
    assert rows[4]["figure"] == int(all_of_them[1].replace(",", ""))
    assert rows[4]["reason"] in said


def test_what_was_not_compared_is_not_promoted(
    database: Database, database_url: str, champion: Path, run: Run, tmp_path: Path
) -> None:
    changed(champion, tmp_path / "new", threshold=0.9)
    code, said = run("promote", str(tmp_path / "new"))
    assert code == 1
    assert "is no challenger: run `python -m scoring.shadow --folder" in said
    assert "no models: manifest.json is missing" in run("promote", str(tmp_path / "nowhere"))[1]
    shadow.run(database_url, Models(tmp_path / "new"), moment("1h"))
    # Another model lies where the champion was, and no batch has used it yet.
    for path in (tmp_path / "new").iterdir():
        shutil.copy(path, champion)
    assert (
        "which has not scored yet: run `python -m scoring`"
        in run("promote", str(tmp_path / "new"))[1]
    )
    assert decided(database) == []


def test_a_folder_that_is_half_copied_is_not_put_in_place(
    database: Database, database_url: str, champion: Path, run: Run, tmp_path: Path
) -> None:
    compared(database, database_url, champion, tmp_path / "second", threshold=0.95)
    path = tmp_path / "second" / publish.CLASSIFIER
    path.write_bytes(path.read_bytes()[:1000])
    code, said = run("promote", str(tmp_path / "second"))
    assert code == 1
    assert "has sha256" in said
    assert decided(database) == []


@pytest.mark.parametrize("stops_at", range(8))
def test_a_machine_that_stops_while_files_are_placed_leaves_one_model_whole(
    stops_at: int, models_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, other = tmp_path / "onnx_models", tmp_path / "other"
    shutil.copytree(models_folder, folder)
    second = changed(models_folder, other, threshold=0.95)
    first, files, count = Models(folder).version, publish.files_of(other), 0

    def stop_at(real: Callable[..., Any]) -> Callable[..., Any]:
        def stop(*words: Any) -> Any:
            nonlocal count
            count += 1
            if count > stops_at:
                raise KeyboardInterrupt
            return real(*words)

        return stop

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "write_bytes", stop_at(Path.write_bytes))
        patch.setattr(Path, "replace", stop_at(Path.replace))
        publish.place(folder, files)
    if stops_at in (5, 6, 7):  # Some files are the new ones, the manifest is the old one.
        with pytest.raises(ModelError, match="has sha256"):
            Models(folder)
    publish.complete(folder)
    assert Models(folder).version == (first if stops_at < 4 else second)
    assert not list(folder.glob("*.new"))


def test_models_that_changed_while_they_were_read_are_refused(
    models_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.read_bytes
    seen: set[Path] = set()

    def read_bytes(self: Path) -> bytes:
        is_second = self in seen
        seen.add(self)
        return b"another" if is_second else real(self)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    with pytest.raises(ModelError, match="changed while they were read"):
        publish.files_of(models_folder)


def test_only_a_few_champions_are_kept(models_folder: Path, tmp_path: Path) -> None:
    for number in range(5):
        folder = tmp_path / f"old{number}"
        changed(models_folder, folder, threshold=0.5 + number / 100)
        edit(folder, created_at=f"2026-01-0{number + 1}T00:00:00+00:00")
        shutil.copytree(folder, tmp_path / "served", dirs_exist_ok=True)
        promote.keep(tmp_path / "served", Models(folder).version)
    kept = {Models(path).version for path in (tmp_path / "served" / "previous").iterdir()}
    assert kept == {Models(tmp_path / f"old{number}").version for number in (2, 3, 4)}
    # One that came back by a rollback is the oldest, and still the one to go back to when replaced.
    shutil.copytree(tmp_path / "old0", tmp_path / "served", dirs_exist_ok=True)
    promote.keep(tmp_path / "served", Models(tmp_path / "old0").version)
    kept = {Models(path).version for path in (tmp_path / "served" / "previous").iterdir()}
    assert kept == {Models(tmp_path / f"old{number}").version for number in (0, 3, 4)}
