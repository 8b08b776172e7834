"""What a run says: on its output, in the job summary, by its exit code."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from scoring.__main__ import main
from sql.database import Database, connect
from tests.scoring.checks import check_exactly_once
from tests.scoring.conftest import Score, add, make
from tests.scoring.scorers import Scorer, Scorers
from tests.scoring.test_crash import held_at

ROOT = Path(__file__).parents[2]

Run = Callable[..., tuple[str, str]]


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
    """Run `python -m scoring` as a workflow does; return its output and its errors."""

    def run(*words: str, expected: int = 0) -> tuple[str, str]:
        with monkeypatch.context() as patch:
            patch.setenv("DATABASE_URL", database_url)
            patch.setenv("GITHUB_STEP_SUMMARY", str(summary))
            capsys.readouterr()  # Whatever was said before is not this run's.
            assert main(["--folder", str(models_folder), *words]) == expected
        said = capsys.readouterr()
        return said.out, said.err

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
        said, _ = run()
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
    row = json.loads(run("--json")[0])
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
    found = json.loads(run("--dry-run")[0])
    said = summary.read_text()
    assert "Dry run: nothing was written" in said
    assert f"1 logs would be scored, {found['count_anomalies']} anomalies" in said
    (told,) = found["would_alert"]
    assert f"| `ours` | {told['severity']} | `shop` | `glacier melted` |" in said


def test_a_summary_that_cannot_be_written_is_an_error_and_the_batch_is_done(
    database: Database, run: Run, summary: Path
) -> None:
    summary.mkdir()
    make(database, 20)
    said, errors = run(expected=1)
    assert "20 logs scored" in said
    assert errors == (
        "error: the run is done, but GITHUB_STEP_SUMMARY cannot be written (Is a directory): "
        "name a place that takes it\n"
    )
    check_exactly_once(database)


def test_an_output_that_nobody_takes_is_one_sentence_and_the_summary_is_written(
    database: Database, database_url: str, models_folder: Path, summary: Path
) -> None:
    make(database, 20)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "scoring", "--folder", str(models_folder)],
        env={**os.environ, "DATABASE_URL": database_url, "GITHUB_STEP_SUMMARY": str(summary)},
        check=False,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == (
        "error: the run is done, but the output cannot be written (Broken pipe): "
        "name a place that takes it\n"
    )
    assert "20 logs scored" in summary.read_text()
    check_exactly_once(database)


def test_an_error_of_the_system_is_one_sentence(
    database: Database, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    make(database, 20)
    monkeypatch.setattr("scoring.batch.chunks", refuse)
    _, errors = run(expected=1)
    assert errors == (
        "error: [Errno 12] Cannot allocate memory: what was committed stays, run again for the "
        "rest\n"
    )


def test_while_another_scorer_is_at_work_json_is_null(
    database_url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoring.claim.SECONDS_FOR_LOCK", 0.0)
    with closing(connect(database_url)) as other, other.transaction():
        assert other.value("batch.try_lock", shard="1/1")
        assert run("--json")[0] == "null\n"
        assert run()[0] == ""


def test_an_interrupt_is_one_sentence_and_the_next_run_does_the_rest(
    database: Database, database_url: str, scorers: Scorers
) -> None:
    def interrupt(scorer: Scorer) -> None:
        assert scorer.process.pid
        os.kill(scorer.process.pid, signal.SIGINT)

    interrupted = held_at("copy", database_url, scorers, interrupt)
    assert interrupted.wait() == 130
    assert interrupted.said == "interrupted: what was committed stays, run again for the rest\n"
    assert scorers.start(database_url).wait() == 0
    check_exactly_once(database)


def test_the_help_says_what_each_exit_code_means(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    for code in ("0 done", "1 the database", "2 wrong words", "130 interrupted"):
        assert code in said
