"""Every workflow, step by step, in a clean clone against a real database.

`REHEARSALS` says for each workflow what its run brings; one without an entry fails.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from sql.database import connect
from tests.workflows.retraining import rehearse_retraining
from tests.workflows.workflow import WORKFLOWS, Ran, Runner

NAMES = sorted(path.name for path in WORKFLOWS.glob("*.yml"))
LOGS = """\
2026-03-02 10:00:00,101 INFO worker started
2026-03-02 10:00:01,102 ERROR connection to 10.0.0.7 refused after 30 s
2026-03-02 10:00:02,103 WARNING retrying in 5 s
"""


def ours(runner: Runner, url: str, *words: str, text: str = "") -> None:
    """Run a command of the clone with this Python."""
    environment = {**os.environ, "DATABASE_URL": url}
    command = [sys.executable, "-m", *words]
    subprocess.run(command, check=True, input=text, text=True, cwd=runner.clone, env=environment)


def ingest(runner: Runner, url: str, text: str) -> None:
    ours(runner, url, "ingest", "-", "--source", "worker", text=text)


def count_predictions(url: str) -> int:
    database = connect(url)
    with database.transaction():
        status = database.row("schema.status")
    database.close()
    return int(status["count_predictions"])


def installed(runner: Runner) -> set[str]:
    """Return the names of what the runner's Python has."""
    command = ["pip", "list", "--disable-pip-version-check", "--format=json"]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=runner.environment
    )
    return {package["name"] for package in json.loads(done.stdout)}


def codes(ran: list[Ran]) -> list[tuple[str, int]]:
    return [(step.name, step.code) for step in ran]


def rehearse_analysis(runner: Runner, url: str) -> None:
    """An empty database is migrated, and its logs are scored once."""
    steps = ["Is a database set?", "Install", "Migrate", "Score", "Refresh the statistics"]
    first, summary = runner.run("ml_analysis.yml", url)
    assert codes(first) == [(name, 0) for name in steps], first[-1].output
    assert "Nothing to score" in summary
    assert installed(runner).isdisjoint({"scikit-learn", "skl2onnx"})
    ingest(runner, url, LOGS)
    second, summary = runner.run("ml_analysis.yml", url)
    assert codes(second) == codes(first), second[-1].output
    assert count_predictions(url) == 3
    assert "3 logs scored" in summary
    assert not any(url in step.output for step in second)
    again, summary = runner.run("ml_analysis.yml", url)
    assert codes(again) == codes(first), again[-1].output
    assert count_predictions(url) == 3
    assert "Nothing to score" in summary


def rehearse_pruning(runner: Runner, url: str) -> None:
    """Predictions of old logs go, and the summary says how many."""
    ours(runner, url, "sql", "migrate")
    ingest(runner, url, LOGS.replace("2026-03-02", f"{date.today() - timedelta(days=200)}"))
    ours(runner, url, "scoring", "--all")
    ran, summary = runner.run("prune.yml", url, keep="300d")
    steps = [("Is a database set?", 0), ("Install", 0), ("Prune", 0)]
    assert codes(ran) == steps, ran[-1].output
    assert "with 0 predictions" in summary
    assert "keeping 300d" in summary
    ran, summary = runner.run("prune.yml", url)
    assert codes(ran) == steps, ran[-1].output
    assert "with 3 predictions" in summary
    assert "keeping 90d" in summary
    ran, summary = runner.run("prune.yml", url, keep="1d; touch hacked")
    assert codes(ran)[-1] == ("Prune", 2)
    assert (summary, (runner.clone / "hacked").exists()) == ("", False)


def rehearse_check(runner: Runner, _: str) -> None:
    """The one step is `make test`, which runs this very test: here its make only notes its words.

    What `.ci/run` does before it is in tests/local/test_ci.py.
    """
    make = runner.home / "bin" / "make"
    make.parent.mkdir()
    for code in (0, 2):
        make.write_text(f'#!/bin/sh\necho "make $* by $PYTHON in $PWD"; exit {code}\n')
        make.chmod(0o755)
        ran, summary = runner.run("ci.yml", "")
        assert codes(ran) == [("Lint and test", code)], ran[-1].output
        said = f"make test by python in {runner.clone}"
        assert said in ran[0].output
        assert summary == f"```text\n{said}\n```\n"
    make.unlink()


REHEARSALS: dict[str, Callable[[Runner, str], None]] = {
    "ci.yml": rehearse_check,
    "ml_analysis.yml": rehearse_analysis,
    "prune.yml": rehearse_pruning,
    "retrain.yml": rehearse_retraining,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_steps_run_in_order_and_the_summary_tells_what_came_of_them(
    name: str, runner: Runner, empty_database_url: str
) -> None:
    assert name in REHEARSALS, f"{name} has no rehearsal: say in REHEARSALS what its run brings"
    REHEARSALS[name](runner, empty_database_url)


@pytest.mark.parametrize(
    "name", [name for name in NAMES if "secrets.DATABASE_URL" in (WORKFLOWS / name).read_text()]
)
def test_without_a_database_it_says_which_secret_to_set(name: str, runner: Runner) -> None:
    ran, _ = runner.run(name, "")
    assert codes(ran) == [("Is a database set?", 1)]
    assert "::error" in ran[0].output
    assert "secret DATABASE_URL is not set" in ran[0].output


@pytest.mark.slow
def test_inputs_of_the_analysis_choose_what_is_scored(
    runner: Runner, empty_database_url: str
) -> None:
    runner.run("ml_analysis.yml", empty_database_url)
    ingest(runner, empty_database_url, LOGS)
    dry, summary = runner.run("ml_analysis.yml", empty_database_url, window="all", dry_run="true")
    assert codes(dry) == [("Is a database set?", 0), ("Install", 0), ("Score", 0)], dry[-1].output
    assert "3 logs would be scored" in summary
    assert count_predictions(empty_database_url) == 0
    hostile = "1d; touch hacked $(touch hacked)"
    refused, _ = runner.run("ml_analysis.yml", empty_database_url, window=hostile)
    assert refused[-1].code != 0
    assert not (runner.clone / "hacked").exists()
    other, _ = runner.run("ml_analysis.yml", empty_database_url, source="another; touch hacked")
    assert other[-1].code == 0, other[-1].output
    assert not (runner.clone / "hacked").exists()
    assert count_predictions(empty_database_url) == 0
    ours, _ = runner.run("ml_analysis.yml", empty_database_url, window="7d", source="worker")
    assert ours[-1].code == 0, ours[-1].output
    assert count_predictions(empty_database_url) == 3
    ingest(runner, empty_database_url, LOGS)
    every, _ = runner.run("ml_analysis.yml", empty_database_url, window="all")
    assert every[-1].code == 0, every[-1].output
    assert count_predictions(empty_database_url) == 6
