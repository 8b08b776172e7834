"""`python -m ingest`, as a person runs it."""

import gzip
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.__main__ import main
from sql.database import Database
from tests.ingest.test_load import PYTHON, rows_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_text(PYTHON)
    return path


@pytest.fixture(autouse=True)
def environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database of the test, where it has one, and no other."""
    for name in ("DATABASE_URL", "DATABASE_URL_UNPOOLED", "POSTGRES_URL_NON_POOLING"):
        monkeypatch.delenv(name, raising=False)
    if "database_url" in request.fixturenames:
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("database_url"))


def test_a_file_is_loaded_and_the_format_said(
    log: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(log)]) == 0
    out, err = capsys.readouterr()
    assert "Python logging (detected" in err
    assert out.startswith("loaded 1 entries of 1 file(s)")
    assert len(rows_of(database)) == 1


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input_is_loaded_packed_or_not(pack: type[bytes], database: Database) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ingest", "-", "--source", "piped"],
        input=pack(PYTHON.encode() * 3), capture_output=True, cwd=ROOT, check=True,
    )  # fmt: skip
    assert b"standard input: Python logging" in done.stderr
    assert [row["source"] for row in rows_of(database)] == ["piped"] * 3


def test_what_is_said_cannot_command_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "\x1b[2Japp.log"
    path.write_text(PYTHON)
    assert main([str(path), "--dry-run"]) == 0
    assert "\x1b" not in "".join(capsys.readouterr())


def test_a_missing_file_exits_with_1_and_the_others_are_loaded(
    log: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(log.with_name("no.log")), str(log)]) == 1
    out, err = capsys.readouterr()
    assert "no.log does not exist" in err
    assert "1 file(s) failed" in out
    assert len(rows_of(database)) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--format", "xml"], "no format is named 'xml'"),
        (["--timezone", "Mars"], "time zone 'Mars' is not known here"),
        (["--shift", "1e99"], "--shift 1e+99 is out of range"),
        (["--shift", "nan"], "--shift nan is out of range"),
    ],
)
def test_a_wrong_option_exits_with_2_and_loads_nothing(
    options: list[str],
    words: str,
    log: Path,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([str(log), *options]) == 2
    assert words in capsys.readouterr().err
    assert rows_of(database) == []


def test_without_a_database_it_says_which_variable_to_set(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(log)]) == 1
    assert "set DATABASE_URL=" in capsys.readouterr().err


def test_an_unreachable_database_is_one_sentence(
    log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert main([str(log)]) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: no connection to PostgreSQL: ")
    assert "Traceback" not in err


def test_a_dry_run_needs_no_database(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(log), "--dry-run"]) == 0
    assert capsys.readouterr().out.startswith("read 1 entries")


def test_shift_adds_seconds(log: Path, database: Database) -> None:
    assert main([str(log), "--shift", "-86400"]) == 0
    assert rows_of(database)[0]["logged_at"].isoformat() == "2026-11-23T10:00:00.123000+00:00"


def test_shift_to_now_moves_all_files_by_the_same(
    log: Path, tmp_path: Path, database: Database
) -> None:
    older = tmp_path / "older.log"
    older.write_text("2020-01-01 10:00:00,123 INFO app.a: ok\n")
    assert main([str(older), str(log), "--shift-to-now"]) == 0
    first, second = (row["logged_at"] for row in rows_of(database))
    assert abs(datetime.now(UTC) - second) < timedelta(minutes=1)
    assert second - first == datetime(2026, 11, 24) - datetime(2020, 1, 1)


@pytest.mark.usefixtures("database")
def test_shift_to_now_refuses_a_stream(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(log), "-", "--shift-to-now"]) == 2
    assert "which a stream does not allow: use --shift" in capsys.readouterr().err
