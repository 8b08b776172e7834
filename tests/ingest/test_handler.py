"""Python's logging into the table: nothing waits for the database, nothing is lost at exit."""

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest import handler
from ingest.handler import LogHandler
from ingest.load import load
from local import postgres
from sql.database import Database, connect
from sql.migrate import migrate
from tests.ingest.test_load import rows_of

ROOT = Path(__file__).parents[2]
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
SCRIPT = """
import logging, os, sys
from ingest.handler import LogHandler
logging.basicConfig(level="INFO", handlers=[LogHandler(source="script")])
log = logging.getLogger("app")
"""


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """A logger of the test's own, whose handlers are closed after it."""
    own = logging.getLogger("tests.handler")
    own.setLevel(logging.DEBUG)
    own.propagate = False
    yield own
    for each in list(own.handlers):
        own.removeHandler(each)
        each.close()


def run(code: str, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT + code], cwd=ROOT, check=True, capture_output=True, text=True,
        env=os.environ | {"DATABASE_URL": url, "DATABASE_URL_UNPOOLED": ""},
    )  # fmt: skip


def test_a_record_becomes_a_row(
    logger: logging.Logger, database: Database, database_url: str
) -> None:
    each = LogHandler("shop", database_url)
    logger.addHandler(each)
    before = time.time()
    logger.warning("low %s", "stock", extra={"sku": 7, "trace_id": "4bf92f", "odd": {1, 2} - {2}})
    each.flush()
    (row,) = rows_of(database)
    assert (row["source"], row["level"], row["message"]) == ("shop", "WARNING", "low stock")
    assert row["trace_id"] == "4bf92f"
    assert abs(row["logged_at"].timestamp() - before) < 5
    attributes = row["attributes"]
    assert (attributes["logger"], attributes["sku"], attributes["odd"]) == (
        "tests.handler", 7, "{1}"
    )  # fmt: skip
    assert (attributes["file"], attributes["pid"]) == ("test_handler.py", os.getpid())


def test_a_traceback_is_part_of_the_message(
    logger: logging.Logger, database: Database, database_url: str
) -> None:
    each = LogHandler("shop", database_url)
    logger.addHandler(each)
    try:
        raise RuntimeError("no order\0")
    except RuntimeError:
        logger.exception("failed")
    each.flush()
    (row,) = rows_of(database)
    assert row["message"].startswith("failed\nTraceback (most recent call last):\n")
    assert row["message"].endswith("RuntimeError: no order\ufffd")


def test_extras_that_json_cannot_hold_become_text(
    logger: logging.Logger, database: Database, database_url: str
) -> None:
    each = LogHandler("shop", database_url)
    logger.addHandler(each)
    cyclic: list[Any] = []
    cyclic.append(cyclic)
    logger.info("x", extra={"cyclic": cyclic, "infinite": float("inf"), "lone": "\ud800"})
    each.flush()
    attributes = rows_of(database)[0]["attributes"]
    assert (attributes["cyclic"], attributes["infinite"]) == ("[[...]]", "inf")
    assert attributes["lone"] == "\ufffd"


def test_a_record_that_cannot_be_written_out_does_not_hurt_the_program(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    each = LogHandler("shop", database_url)
    each.handle(logging.LogRecord("a", logging.INFO, "a.py", 1, "%d", ("not a number",), None))
    each.close()
    assert "--- Logging error ---" in capsys.readouterr().err


def test_records_wait_for_a_database_that_is_away(
    logger: logging.Logger,
    postgres_server: postgres.Server,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = postgres_server.url("late")
    each = LogHandler("shop", url, seconds=0.05)
    logger.addHandler(each)
    started = time.perf_counter()
    for number in range(1000):
        logger.info("record %d", number)
    assert time.perf_counter() - started < 2
    each.flush()
    assert capsys.readouterr().err.count("logs wait for the database") == 1
    postgres_server.create_database("late")
    database = connect(url)
    migrate(database)
    each.flush()
    assert [row["message"] for row in rows_of(database)] == [f"record {n}" for n in range(1000)]
    database.close()


def test_what_had_to_be_dropped_is_counted(
    logger: logging.Logger,
    database: Database,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handler, "LIMIT_RECORDS", 10)
    each = LogHandler("shop", database_url, seconds=600)
    logger.addHandler(each)
    for number in range(15):
        logger.info("record %d", number)
    each.flush()
    assert [row["message"] for row in rows_of(database)] == [
        *(f"record {number}" for number in range(10)),
        "5 records were dropped while the database was away",
    ]


def test_at_exit_what_waits_is_written(database: Database, database_url: str) -> None:
    done = run("for n in range(7): log.info('record %d', n)", database_url)
    assert done.stderr == ""
    assert len(rows_of(database)) == 7


def test_at_exit_without_a_database_what_waits_is_printed_for_ingest(
    database: Database, tmp_path: Path
) -> None:
    started = time.perf_counter()
    done = run("for n in range(7): log.info('record %d', n, extra={'k': 'é'})", NOWHERE)
    assert time.perf_counter() - started < 8
    said, *lines = done.stderr.splitlines()
    assert said.startswith("logs wait for the database: ")
    assert json.loads(lines[0])["message"] == "record 0"
    path = tmp_path / "rest.log"
    path.write_text("\n".join(lines))
    loaded = load(database, [path], say=lambda _: None)
    assert (loaded.count_entries, loaded.count_unparsed) == (7, 0)
    first = rows_of(database)[0]
    assert (first["source"], first["level"], first["attributes"]["k"]) == ("script", "INFO", "é")


def test_a_forked_process_logs_on_its_own(database: Database, database_url: str) -> None:
    run(
        "log.info('parent')\n"
        "if os.fork() == 0:\n    log.info('child')\n    sys.exit()\n"
        "os.wait()\nlog.info('parent again')",
        database_url,
    )
    assert sorted(row["message"] for row in rows_of(database)) == [
        "child",
        "parent",
        "parent again",
    ]
