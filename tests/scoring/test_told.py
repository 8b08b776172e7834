"""What a run says: on its output, in the job summary, by its exit code."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from scoring.__main__ import main
from sql.database import Database
from tests.scoring.conftest import Score, add, make

Run = Callable[..., str]


@pytest.fixture
def summary(tmp_path: Path) -> Path:
    """Where the job summary goes."""
    return tmp_path / "summary.md"


@pytest.fixture
def run(
    models_folder: Path,
    database_url: str,
    summary: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run `python -m scoring` as a workflow does; return what it printed."""

    def run(*words: str, expected: int = 0) -> str:
        with monkeypatch.context() as patch:
            patch.setenv("DATABASE_URL", database_url)
            patch.setenv("GITHUB_STEP_SUMMARY", str(summary))
            capsys.readouterr()  # Whatever was said before is not this run's.
            assert main(["--folder", str(models_folder), *words]) == expected
        return capsys.readouterr().out

    return run


def test_the_summary_counts_anomalies_whose_alerts_were_told_before(
    database: Database, score: Score, run: Run, summary: Path
) -> None:
    at = "2026-03-02T10:00:00Z"  # An alert is told once a day: all of it on one.
    logs = [{"source": source, "logged_at": at} for source in ("shop", "shop", "nginx")]
    add(database, *logs)
    assert score()
    with database.transaction():
        database.execute("tests.have_one_rule", kind="anomaly")
        database.execute("tests.give_feedback", verdict="confirmed")
    for told in "New alerts by rule: `ours` 2.", "No rule had anything to tell that is new.":
        add(database, *logs)
        summary.unlink(missing_ok=True)
        said = run()
        assert " 3 anomalies (3 " in said
        assert told in summary.read_text()
        found = re.findall(r"^\| (\w+) \| `(\w+)` \| (\d+) \|$", summary.read_text(), re.M)
        with database.transaction():
            expected = database.rows("tests.anomalies_of_the_latest_batch")
        assert {tuple(each.values()) for each in expected} == {
            (severity, source, int(count)) for severity, source, count in found
        }


def test_a_run_says_how_long_all_of_it_took(database: Database, run: Run) -> None:
    make(database, 200)
    row = json.loads(run("--json"))
    # Steps of the writer's thread lie beside the others.
    steps = sum(row["step_seconds"].values()) - sum(
        row["step_seconds"][step] for step in ("copy", "rollups")
    )
    assert row["seconds"] == pytest.approx(steps, rel=0.2, abs=0.1)
    assert row["seconds"] >= steps - 0.01


def test_a_rehearsal_has_its_summary(database: Database, run: Run, summary: Path) -> None:
    add(database, {"source": "shop", "level": "ERROR", "message": "glacier melted"})
    with database.transaction():
        database.execute("tests.have_one_rule", kind="occurrence")
    found = json.loads(run("--dry-run"))
    said = summary.read_text()
    assert "Dry run: nothing was written" in said
    assert f"1 logs would be scored, {found['count_anomalies']} anomalies" in said
    (told,) = found["would_alert"]
    assert f"| `ours` | {told['severity']} | `shop` | `glacier melted` |" in said
