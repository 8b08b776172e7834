"""The scheduled analysis, step by step, in a clean clone against a real database."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sql.database import connect
from tests.workflows.workflow import Ran, read, run_steps

ROOT = Path(__file__).parents[2]
LOGS = """\
2026-03-02 10:00:00,101 INFO worker started
2026-03-02 10:00:01,102 ERROR connection to 10.0.0.7 refused after 30 s
2026-03-02 10:00:02,103 WARNING retrying in 5 s
"""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is committed, alone."""
    folder = tmp_path_factory.mktemp("clone") / "checkout"
    subprocess.run(["git", "clone", "--quiet", "--no-local", ROOT, folder], check=True)
    return folder


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a runner on which Python was set up and nothing is installed."""
    home = tmp_path_factory.mktemp("runner")
    subprocess.run([sys.executable, "-m", "venv", home / "python"], check=True)
    kept = ("PIP_", "SSL_", "LANG", "HTTP", "http", "no_proxy", "NO_PROXY")
    environment = {name: value for name, value in os.environ.items() if name.startswith(kept)}
    environment["PATH"] = f"{home / 'python' / 'bin'}:/usr/bin:/bin"
    environment["HOME"] = str(home)
    environment["GITHUB_ACTIONS"] = "true"
    environment["GITHUB_STEP_SUMMARY"] = str(home / "summary.md")
    yield environment


def analyse(clone: Path, runner: dict[str, str], url: str, **inputs: str) -> tuple[list[Ran], str]:
    """Run the workflow; return its steps and the job summary."""
    summary = Path(runner["GITHUB_STEP_SUMMARY"])
    summary.unlink(missing_ok=True)
    context = {"secrets.DATABASE_URL": url}
    context |= {f"inputs.{name}": value for name, value in inputs.items()}
    ran = run_steps(read("ml_analysis.yml")["jobs"]["analyse"], context, clone, runner)
    return ran, summary.read_text() if summary.exists() else ""


def ingest(clone: Path, url: str, text: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "ingest", "-", "--source", "worker"],
        check=True,
        input=text,
        text=True,
        cwd=clone,
        env={**os.environ, "DATABASE_URL": url},
    )


def count_predictions(url: str) -> int:
    database = connect(url)
    with database.transaction():
        status = database.row("schema.status")
    database.close()
    return int(status["count_predictions"])


def installed(runner: dict[str, str]) -> set[str]:
    """Return the names of what the runner's Python has."""
    command = ["pip", "list", "--disable-pip-version-check", "--format=json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=runner)
    return {package["name"] for package in json.loads(done.stdout)}


def codes(ran: list[Ran]) -> list[tuple[str, int]]:
    return [(step.name, step.code) for step in ran]


def test_without_a_database_it_says_which_secret_to_set(
    clone: Path, runner: dict[str, str]
) -> None:
    ran, _ = analyse(clone, runner, "")
    assert codes(ran) == [("Is a database set?", 1)]
    assert "::error" in ran[0].output
    assert "secret DATABASE_URL is not set" in ran[0].output


@pytest.mark.slow
def test_an_empty_database_is_migrated_and_its_logs_are_scored_once(
    clone: Path, runner: dict[str, str], empty_database_url: str
) -> None:
    first, summary = analyse(clone, runner, empty_database_url)
    assert codes(first) == [
        ("Is a database set?", 0),
        ("Install", 0),
        ("Migrate", 0),
        ("Score", 0),
        ("Refresh the statistics", 0),
    ], first[-1].output
    assert "Nothing to score" in summary
    assert installed(runner).isdisjoint({"scikit-learn", "skl2onnx"})
    ingest(clone, empty_database_url, LOGS)
    second, summary = analyse(clone, runner, empty_database_url)
    assert codes(second) == codes(first), second[-1].output
    assert count_predictions(empty_database_url) == 3
    assert "3 logs scored" in summary
    for step in second:
        assert empty_database_url not in step.output
    again, summary = analyse(clone, runner, empty_database_url)
    assert codes(again) == codes(first), again[-1].output
    assert count_predictions(empty_database_url) == 3
    assert "Nothing to score" in summary


@pytest.mark.slow
def test_inputs_choose_what_is_scored(
    clone: Path, runner: dict[str, str], empty_database_url: str
) -> None:
    analyse(clone, runner, empty_database_url)
    ingest(clone, empty_database_url, LOGS)
    dry, _ = analyse(clone, runner, empty_database_url, window="all", dry_run="true")
    assert codes(dry) == [("Is a database set?", 0), ("Install", 0), ("Score", 0)], dry[-1].output
    assert count_predictions(empty_database_url) == 0
    hostile = "1d; touch hacked $(touch hacked)"
    refused, _ = analyse(clone, runner, empty_database_url, window=hostile)
    assert refused[-1].code != 0
    assert not (clone / "hacked").exists()
    other, _ = analyse(clone, runner, empty_database_url, source="another; touch hacked")
    assert other[-1].code == 0, other[-1].output
    assert not (clone / "hacked").exists()
    assert count_predictions(empty_database_url) == 0
    ours, _ = analyse(clone, runner, empty_database_url, window="7d", source="worker")
    assert ours[-1].code == 0, ours[-1].output
    assert count_predictions(empty_database_url) == 3
    ingest(clone, empty_database_url, LOGS)
    every, _ = analyse(clone, runner, empty_database_url, window="all")
    assert every[-1].code == 0, every[-1].output
    assert count_predictions(empty_database_url) == 6
