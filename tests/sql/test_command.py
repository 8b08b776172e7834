"""`python -m sql`: what it prints and how it exits."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from sql import __main__ as command
from sql.database import Database
from sql.migrate import HERE

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run the command on an empty database; return exit code, output and errors."""
    monkeypatch.setenv("DATABASE_URL", empty_database_url)

    def run(*words: str) -> tuple[int, str, str]:
        code = command.main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_migrate_says_what_it_applied_and_then_that_nothing_is_left(run: Run) -> None:
    code, out, err = run("migrate")
    assert (code, err) == (0, "")
    assert out.startswith("applied 0001_logs, ")
    assert run("migrate") == (0, "up to date\n", "")


def test_status_prints_a_line_for_each_figure(run: Run) -> None:
    run("migrate")
    code, out, err = run("status")
    assert (code, err) == (0, "")
    figures = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert figures["count_predictions"] == "0"
    assert figures.keys() >= {"count_unscored", "last_batch_id", "refreshed_at"}


def test_refresh_says_how_long_it_took(run: Run) -> None:
    run("migrate")
    code, out, err = run("refresh")
    assert (code, err) == (0, "")
    assert out.startswith("refreshed in ")


@pytest.mark.parametrize("word", ["refresh", "status"])
def test_on_an_empty_database_it_advises_to_migrate(run: Run, word: str) -> None:
    code, out, err = run(word)
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert "run `python -m sql migrate` first" in err


def test_unknown_words_are_refused_with_those_that_are_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for words in ([], ["destroy"]):
        with pytest.raises(SystemExit) as raised:
            command.main(words)
        assert raised.value.code == 2
        assert "usage: python -m sql" in capsys.readouterr().err


def test_from_a_shell_without_an_address_it_fails_with_one_sentence() -> None:
    environment = {name: value for name, value in os.environ.items() if "_URL" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "sql", "status"],
        check=False,
        capture_output=True,
        text=True,
        cwd=HERE.parent,
        env=environment,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: no database: ")
    assert done.stderr.count("\n") == 1


def test_from_a_shell_it_works(database: Database, database_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sql", "status"],
        check=True,
        capture_output=True,
        text=True,
        cwd=HERE.parent,
        env={**os.environ, "DATABASE_URL": database_url},
    )
    assert "count_predictions" in done.stdout
