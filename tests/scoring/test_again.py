"""Batches that write nothing, that replace what another model said, and that repeat."""

import json
import random
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from scoring.__main__ import main
from scoring.rehearsal import MOST_TOLD
from sql.database import Database
from tests.scoring.checks import check_counts, count_predictions, differences
from tests.scoring.conftest import (
    NEARLY,
    OTHER,
    Score,
    add,
    make,
    score_a_past_and_news,
    scores,
)
from tests.scoring.scorers import Scorers


def run(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> Any:
    with monkeypatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        code = main(list(words))
    said = capsys.readouterr()
    return json.loads(said.out) if code == 0 else said.err


def check_all_but_runs(database: Database) -> None:
    """Assert exactly once and true counts; a run that was replaced keeps what it did then."""
    with database.transaction():
        assert database.rows("tests.unpredicted") == []
    stored_in = {each["stored_in"] for each in differences(database)}
    assert stored_in <= {"ml_batches"}


def totals(database: Database) -> dict[str, Any]:
    with database.transaction():
        return database.row("schema.status")


def test_a_rehearsal_counts_and_writes_nothing(
    database: Database,
    database_url: str,
    models_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make(database, 2000)
    words = ("--folder", str(models_folder), "--dry-run")
    found = run(database_url, monkeypatch, capsys, *words)
    assert found["count_logs"] == 2000
    assert found["set_aside"] == {}
    with database.transaction():
        assert set(database.row("tests.written").values()) == {0}


def test_a_rehearsal_tells_what_the_batch_then_tells(
    database: Database,
    database_url: str,
    other_models: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make(database, 2000)
    with database.transaction():
        database.execute("tests.have_one_rule", kind="anomaly")
    folder = ("--folder", str(other_models))
    rehearsed = run(database_url, monkeypatch, capsys, *folder, "--dry-run")
    done = run(database_url, monkeypatch, capsys, *folder, "--json")
    assert rehearsed["count_anomalies"] == done["count_anomalies"] > 0
    with database.transaction():
        told = database.rows("tests.told")
    assert rehearsed["would_alert"] == told[:MOST_TOLD] != []


def test_a_rehearsal_goes_by_the_rules_of_the_installation(
    database: Database,
    database_url: str,
    models_folder: Path,
    score: Score,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make(database, 2000)
    score()
    with database.transaction():
        database.execute("tests.have_one_rule", kind="new_template")
    add(database, {"source": "shop", "level": "ERROR", "message": "glacier melted"})
    words = ("--folder", str(models_folder), "--dry-run")
    (found,) = run(database_url, monkeypatch, capsys, *words)["would_alert"]
    assert (found["rule"], found["template"]) == ("ours", "glacier melted")
    assert found["reasons"][0] == "a new pattern of shop"
    assert run(database_url, monkeypatch, capsys, *words)["would_alert"] == [found]


def test_scoring_again_replaces_every_prediction_and_keeps_the_counts(
    database: Database,
    database_url: str,
    other_models: Path,
    score: Score,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make(database, 3000)
    score()
    words = ("--folder", str(other_models), "--rescore", "--model", OTHER, "--json")
    row = run(database_url, monkeypatch, capsys, *words)
    assert row["count_logs"] == 3000
    assert totals(database)["count_predictions"] == 3000
    assert totals(database)["count_anomalies"] == row["count_anomalies"] > 0
    check_all_but_runs(database)
    assert run(database_url, monkeypatch, capsys, *words) is None
    with database.transaction():
        assert [each["role"] for each in database.rows("tests.models")] == ["retired", "champion"]


def renamed(folder: Path, to: Path) -> None:
    """Copy models to `to` under another version: nothing that they say changes."""
    shutil.copytree(folder, to)
    manifest = (to / "manifest.json").read_text()
    version = json.loads(manifest)["version"]
    (to / "manifest.json").write_text(manifest.replace(version, OTHER))


def test_scoring_again_with_the_same_models_says_the_same_of_every_log(
    database: Database,
    database_url: str,
    models_folder: Path,
    tmp_path: Path,
    score: Score,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A log must not take its own first prediction for its past, and a log of a wrong clock must
    not take the past of the others away."""
    renamed(models_folder, tmp_path / "renamed")
    since = score_a_past_and_news(database, score)
    before = scores(database)
    assert max(before.values()) > 0.3  # Something was news when it came.
    words = ("--folder", str(tmp_path / "renamed"), "--rescore", "--model", OTHER, "--json")
    again = run(database_url, monkeypatch, capsys, *words, "--since", since)
    assert again["count_logs"] == 242
    assert scores(database) == pytest.approx(before, abs=NEARLY)
    check_all_but_runs(database)


def test_a_rehearsal_of_scoring_again_counts_what_others_scored(
    database: Database,
    database_url: str,
    other_models: Path,
    score: Score,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make(database, 500)
    score("--limit", "300")
    words = ("--folder", str(other_models), "--rescore", "--model", OTHER, "--dry-run")
    rehearsed = run(database_url, monkeypatch, capsys, *words)
    assert rehearsed["count_logs"] == 300
    assert count_predictions(database) == 300


@pytest.mark.slow
def test_scoring_again_may_be_killed_at_any_moment(
    chance: random.Random,
    database: Database,
    database_url: str,
    other_models: Path,
    score: Score,
    scorers: Scorers,
) -> None:
    make(database, 5000)
    score()
    words = ("--folder", str(other_models), "--rescore", "--model", OTHER)
    killed = 0
    for _ in range(15):
        scorer = scorers.start(database_url, *words, ROWS_A_CHUNK=100)
        time.sleep(chance.uniform(0, 0.3))
        if not scorer.is_alive():
            break
        scorer.kill()
        killed += 1
        check_all_but_runs(database)
    assert killed > 2
    last = scorers.start(database_url, *words)
    assert last.wait() == 0, last.said
    check_all_but_runs(database)
    with database.transaction():
        counts = {row["version"]: row["count_logs"] for row in database.rows("tests.registered")}
    assert counts.pop(OTHER) == 5000
    assert set(counts.values()) == {0}
    assert totals(database)["count_predictions"] == 5000


def test_shards_score_again_at_once(
    database: Database, database_url: str, other_models: Path, score: Score, scorers: Scorers
) -> None:
    make(database, 5000)
    score()
    words = ("--folder", str(other_models), "--rescore", "--model", OTHER, "--shard")
    shards = [
        scorers.start(database_url, *words, share, ROWS_A_CHUNK=100) for share in ("1/2", "2/2")
    ]
    for shard in shards:
        assert shard.wait() == 0, shard.said
    check_all_but_runs(database)
    with database.transaction():
        counts = {row["version"]: row["count_logs"] for row in database.rows("tests.registered")}
    assert counts[OTHER] == 5000


def test_a_model_of_another_version_is_refused_before_anything_is_read(
    database: Database,
    database_url: str,
    models_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make(database, 10)
    words = ("--folder", str(models_folder), "--rescore", "--model", "nosuch")
    said = run(database_url, monkeypatch, capsys, *words)
    assert said.startswith("error: --model is nosuch, the models in ")
    assert count_predictions(database) == 0


def test_watching_scores_what_comes_and_ends_when_told(
    database: Database, database_url: str, scorers: Scorers
) -> None:
    make(database, 100)
    watcher = scorers.start(database_url, "--watch", "0.1")
    for expected in (100, 150):
        give_up_at = time.monotonic() + 30
        while count_predictions(database) < expected:
            assert time.monotonic() < give_up_at, watcher.said
            time.sleep(0.05)
        make(database, 50, first=expected)
    watcher.process.terminate()
    assert watcher.wait(30) == 0
    check_counts(database)
