"""A challenger scores in the shadow: each log once, compared truly, and nothing acts on it."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from scoring import shadow
from scoring.__main__ import main as score_command
from scoring.claim import AlreadyRunning
from scoring.model import Models
from scoring.selection import moment
from sql.database import Database
from sql.errors import DatabaseError
from tests.scoring.checks import check_exactly_once
from tests.scoring.conftest import NEARLY, Score, make, score_a_past_and_news, scores
from tests.training.challengers import changed, edit

COUNT = 1500


@pytest.fixture
def challenger(models_folder: Path, tmp_path: Path) -> Path:
    """A challenger that calls more logs anomalous than the champion does."""
    folder = tmp_path / "challenger"
    changed(models_folder, folder, threshold=0.0)
    return folder


def run(url: str, folder: Path, since: str = "24h") -> dict[str, Any]:
    return shadow.run(url, Models(folder), moment(since))


def shown(database: Database) -> dict[str, Any]:
    with database.transaction():
        return database.row("tests.compared")


def in_shadow(database: Database) -> int:
    """Return the number of predictions in the shadow, each of another log, after a recount."""
    with database.transaction():
        assert database.rows("tests.shadow_recounted") == []
        counts = database.row("tests.shadow_counts")
    assert counts["count_shadow"] == counts["count_logs"]
    return int(counts["count_shadow"])


def test_each_log_is_scored_once_and_nothing_acts_on_it(
    database: Database, database_url: str, score: Score, challenger: Path, tmp_path: Path
) -> None:
    batch_url = database_url.replace("://postgres", "://logkiln_batch", 1)
    make(database, COUNT)
    row = score()
    assert row is not None
    assert run(batch_url, challenger)["count_logs"] == COUNT
    assert run(batch_url, challenger)["count_logs"] == 0
    assert in_shadow(database) == COUNT
    found = shown(database)
    assert (found["count_logs"], found["count_shadow_logs"]) == (0, COUNT)
    assert found["share_same_level"] == 1
    assert found["count_champion_anomalies"] == row["count_anomalies"]
    assert found["count_shadow_anomalies"] == COUNT > row["count_anomalies"]
    differing = (found["count_shadow_anomalies"] - row["count_anomalies"]) / COUNT
    assert found["share_same_anomaly"] == pytest.approx(1 - differing)
    check_exactly_once(database)
    # What comes later is added.
    make(database, 500, first=COUNT)
    score()
    assert run(batch_url, challenger)["count_logs"] == 500
    assert in_shadow(database) == COUNT + 500
    # Another challenger takes its place.
    changed(challenger, tmp_path / "newer", threshold=0.5)
    run(batch_url, tmp_path / "newer")
    with database.transaction():
        roles = [row["role"] for row in database.rows("tests.roles_of_models")]
    assert roles == ["champion", "retired", "challenger"]


def test_logs_that_a_model_may_have_been_fitted_on_are_left_out(
    database: Database, database_url: str, score: Score, challenger: Path, tmp_path: Path
) -> None:
    make(database, 400)
    score()
    edit(challenger, trained_until=moment("0m"))
    assert run(database_url, challenger)["count_logs"] == 0
    # A model that does not say until when it was trained has seen nothing later than itself.
    old = tmp_path / "old"
    changed(challenger, old, threshold=0.1)
    edit(old, trained_until=None, created_at=moment("0m"))
    assert run(database_url, old)["count_logs"] == 0
    make(database, 300, first=400)
    score()
    assert run(database_url, old)["count_logs"] == 300
    assert in_shadow(database) == 300


def test_a_challenger_that_judges_alike_says_the_same_of_every_log(
    database: Database, database_url: str, score: Score, models_folder: Path, tmp_path: Path
) -> None:
    """What it is compared on is not its past, and a log of a wrong clock takes no past away."""
    since = score_a_past_and_news(database, score)
    folder = tmp_path / "alike"
    changed(models_folder, folder)
    assert run(database_url, folder, since)["count_logs"] == 242
    with database.transaction():
        found = {
            row["log_entry_id"]: row["scores"][0] for row in database.rows("tests.shadow_scores")
        }
    said = {log: score for log, score in scores(database).items() if log in found}
    assert len(said) == 240
    assert max(said.values()) > 0.3  # Something was news when it came.
    assert {log: found[log] for log in said} == pytest.approx(said, abs=NEARLY)


def test_two_at_once_score_each_log_once(
    database: Database, database_url: str, score: Score, challenger: Path
) -> None:
    make(database, COUNT)
    score()
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(run, database_url, challenger) for _ in range(2)]
    counts = [
        0 if isinstance(each.exception(), AlreadyRunning) else each.result()["count_logs"]
        for each in runs
    ]
    assert sorted(counts) == [0, COUNT]
    assert in_shadow(database) == COUNT


def test_a_run_that_is_cut_off_is_finished_by_the_next_as_if_nothing_had_been(
    database: Database, database_url: str, score: Score, challenger: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    make(database, COUNT)
    score()
    monkeypatch.setattr("scoring.reader.ROWS_A_CHUNK", 600)
    changed(challenger, tmp_path / "undisturbed", threshold=0.0)
    run(database_url, tmp_path / "undisturbed")
    real, chunks_done = shadow.write, 0

    def cut_off(database: Database, *rest: Any) -> None:
        nonlocal chunks_done
        if chunks_done == 1:
            database.close()
        chunks_done += 1
        real(database, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(shadow, "write", cut_off)
        with pytest.raises(DatabaseError):
            run(database_url, challenger)
    assert run(database_url, challenger)["count_logs"] == COUNT - 600
    with database.transaction():
        assert database.rows("tests.shadow_recounted") == []
        scores = database.rows("tests.shadow_scores")
    assert len(scores) == COUNT
    assert [row["scores"] for row in scores if len(set(row["scores"])) > 1] == []
    assert {len(row["scores"]) for row in scores} == {2}


def test_verdicts_judge_the_challenger_and_do_not_override_it(
    database: Database, database_url: str, score: Score, challenger: Path
) -> None:
    make(database, COUNT)
    with database.transaction():
        database.execute("tests.make_logs", first=0, count=1)
    score()
    with database.transaction():
        database.execute("tests.give_feedback", verdict="confirmed")
    make(database, 500, first=COUNT)
    score()  # By now every template is an anomaly to the champion, because people said so.
    run(database_url, challenger)
    found = shown(database)
    assert found["count_shadow_anomalies"] == 0  # Judged templates are not compared.
    assert found["share_same_anomaly"] is None
    assert found["count_confirmed"] > 0
    assert found["count_false_alarms"] == 0
    assert found["share_confirmed"] == 1


def test_what_makes_no_sense_is_one_sentence(
    database: Database,
    database_url: str,
    challenger: Path,
    models_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)

    def said(folder: Path) -> str:
        assert shadow.main(["--folder", str(folder)]) == 1
        return capsys.readouterr().err

    assert "no model has scored yet" in said(challenger)
    make(database, 300)
    assert score_command(["--folder", str(models_folder)]) == 0
    assert "is the champion itself" in said(models_folder)
    assert "no models: manifest.json is missing" in said(tmp_path / "nowhere")
    half = tmp_path / "half"
    shutil.copytree(challenger, half)
    (half / "level_classifier.onnx").write_bytes(b"half")
    assert "has sha256" in said(half)
    with database.transaction():
        assert database.row("tests.shadow_counts")["count_shadow"] == 0
    with pytest.raises(SystemExit):
        shadow.main(["--since", "soon"])
