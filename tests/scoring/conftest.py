"""Batches on real databases with real models."""

import json
import os
import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scoring.__main__ import main
from sql.database import Database
from tests.scoring.scorers import scorers

__all__ = ["scorers"]  # a fixture of every test here

Score = Callable[..., dict[str, Any] | None]

OTHER = "0123456789ab"

NEARLY = 0.005
"""By so much scores may differ: logs of a minute are read in this order or in that."""


def add(database: Database, *logs: dict[str, Any]) -> None:
    """Insert logs, each a mapping of columns; what is left out has a default."""
    with database.transaction():
        database.execute("tests.add_logs", logs=json.dumps(logs))


def make(database: Database, count: int, first: int = 0) -> None:
    """Insert `count` made-up logs."""
    with database.transaction():
        database.execute("tests.make_logs", first=first, count=count)


def hour_of_logs(day: int) -> list[dict[str, Any]]:
    """Return 240 logs of twelve minutes of one hour, the last nine in words of that day alone."""
    start = datetime(2026, 3, day, 10, 20, tzinfo=UTC)
    usual = ("connection refused", *["request took"] * 7)
    return [
        {
            "logged_at": (start + timedelta(seconds=3 * at)).isoformat(),
            "source": "shop",
            "level": "ERROR" if at > 230 else "info",
            "message": f"cannot read {start:%A} file" if at > 230 else f"{usual[at % 8]} {at} ms",
        }
        for at in range(240)
    ]


def score_a_past_and_news(database: Database, score: Score) -> str:
    """Score the logs of two days, then those of a third and two of wrong clocks; return since when
    these 242 arrived."""
    for day in (1, 4):
        add(database, *hour_of_logs(day))
        score("--all")
    with database.transaction():
        since: str = database.value("tests.latest_arrival")
    wrong = [{"logged_at": time, "source": "board"} for time in ("-infinity", "2001-01-01Z")]
    add(database, *hour_of_logs(9), *wrong)
    score()
    return since


def scores(database: Database) -> dict[int, float]:
    """Return the score of each log of a right clock."""
    with database.transaction():
        found = database.rows("tests.scored")
    return {row["id"]: row["anomaly_score"] for row in found if row["source"] == "shop"}


@pytest.fixture
def other_models(models_folder: Path, tmp_path: Path) -> Path:
    """The same models under another version, to which nearly everything is an anomaly."""
    folder = tmp_path / "other"
    shutil.copytree(models_folder, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["version"] = OTHER
    manifest["anomaly_detector"]["threshold"] = 0.001
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def chance() -> random.Random:
    """Chances that LOGKILN_TEST_SEED repeats; take it first, so that a failure shows the seed."""
    seed = int(os.environ.get("LOGKILN_TEST_SEED") or random.randrange(2**32))
    print(f"LOGKILN_TEST_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def score(
    models_folder: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Score:
    """Run `python -m scoring` in this process and return the row that it prints, or None."""
    return scorer(models_folder, database_url, monkeypatch, capsys)


def scorer(
    folder: Path, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Score:
    """Return a function that scores the database at `url` with the models in `folder`."""

    def score(*words: str) -> dict[str, Any] | None:
        with monkeypatch.context() as patch:
            patch.setenv("DATABASE_URL", url)
            patch.delenv("GITHUB_STEP_SUMMARY", raising=False)
            capsys.readouterr()  # Whatever was said before is not this run's.
            assert main(["--folder", str(folder), "--json", *words]) == 0
        row: dict[str, Any] | None = json.loads(capsys.readouterr().out)
        return row

    return score
