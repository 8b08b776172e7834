"""The DBA's page and the health table say what is true of a real, scored database."""

import csv
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path

import pytest

from local import postgres
from sql.database import Database
from tests.docs.markdown import ROOT, blocks
from tests.scoring.conftest import Score, make, score

__all__ = ["score"]  # a fixture of the tests here

PAGE = ROOT / "docs" / "dba.md"
CHECKS = ROOT / "sql" / "checks.sql"
QUERIES = [block.text for block in blocks(PAGE) if block.language == "sql"]
QUESTIONS = QUERIES[:20]
FOR_THE_READER = QUESTIONS[:16]
MAY_BE_EMPTY = {3, 8, 9, 10, 11, 13, 18}
"""Numbers of the questions that a healthy installation answers with no rows."""

Psql = Callable[..., list[list[str]]]


@pytest.fixture
def psql(postgres_server: postgres.Server, database_url: str) -> Psql:
    """Run psql as `user` and return the rows that it printed."""

    def run(*words: str | Path, user: str = "postgres") -> list[list[str]]:
        address = database_url.replace("postgres@", f"{user}@", 1)
        done = subprocess.run(
            [postgres_server.bin / "psql", "-XqAt", "--csv", "-v", "ON_ERROR_STOP=1",
             "-d", address, *words],
            check=False, capture_output=True, text=True,
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, f"{words}\n{done.stderr}"
        return list(csv.reader(StringIO(done.stdout)))

    return run


@pytest.fixture
def scored(database: Database, score: Score) -> Database:
    """A database with one batch: in time at any time of the day, scores like those in training."""
    make(database, 2000)
    assert score("--all") is not None
    with database.transaction():
        database.execute("tests.as_trained")
        database.execute("schema.refresh")
    return database


class TakenBackError(Exception):
    """Raised to roll a transaction back."""


@contextmanager
def taken_back(database: Database) -> Iterator[None]:
    """A transaction that leaves nothing behind: roles are the whole server's."""
    with suppress(TakenBackError), database.transaction():
        yield
        raise TakenBackError


def health(psql: Psql, user: str = "logkiln_reader") -> dict[str, tuple[str, str]]:
    """Return the health table: check to status and detail."""
    return {name: (status, detail) for name, status, detail in psql("-f", CHECKS, user=user)}


def looked_at(psql: Psql) -> set[str]:
    """Return the checks that are not ok, but for the one that this server fails: fsync is off."""
    return {name for name, (status, _) in health(psql).items() if status != "ok"} - {"settings"}


def test_the_page_answers_twenty_questions() -> None:
    text = PAGE.read_text()
    asked = [line for line in text.splitlines() if line.partition(".")[0].isdigit()]
    assert len(asked) == 20
    assert all(line.split(".")[0] == str(number) for number, line in enumerate(asked, 1))
    assert text.index(QUESTIONS[-1].split("\n")[0]) < text.index("## What to monitor")


def test_every_query_on_the_page_runs_and_answers(scored: Database, psql: Psql) -> None:
    for number, query in enumerate(QUERIES, 1):
        rows = psql("-c", query)
        assert rows or number in MAY_BE_EMPTY or query.startswith("alter"), query


def test_roles_can_ask_what_the_page_says(scored: Database, psql: Psql) -> None:
    for query in FOR_THE_READER:
        psql("-c", query, user="logkiln_reader")
    for query in QUESTIONS[:18]:
        psql("-c", query, user="logkiln_batch")


def test_answers_are_those_of_the_database(scored: Database, psql: Psql) -> None:
    assert psql("-c", QUESTIONS[1])[0][:2] == ["2000", "2000"]
    assert sum(int(row[1]) for row in psql("-c", QUESTIONS[6])) > 0
    assert 80 < float(psql("-c", QUESTIONS[16])[0][0]) < 2000


@pytest.mark.parametrize("user", ["logkiln_reader", "logkiln_batch"])
def test_a_scored_database_is_healthy(user: str, scored: Database, psql: Psql) -> None:
    found = health(psql, user)
    assert len(found) == 13
    assert {name for name, (status, _) in found.items() if status != "ok"} == {"settings"}
    assert found["settings"] == ("look", "off: fsync; switch on what is off")
    assert found["batches on time"][1].startswith("batch 1 finished at ")


def test_an_empty_database_has_had_no_batch(database: Database, psql: Psql) -> None:
    assert looked_at(psql) == {"batches on time", "partitions ahead"}


SPOILT = {
    "batches on time": "late",
    "no log waits": "late",
    "statistics current": "batch_unshown",
    "no batch failed": "batch_failed",
    "no log set aside": "logs_set_aside",
    "alerts delivered": "alert_undelivered",
    "no drift": "scores_drifted",
    "partitions ahead": "tomorrow_missing",
    "prune finished": "prune_cut_off",
    "reader limited": "reader_unlimited",
}
"""Check to the statement in spoilt.sql that spoils what it looks at."""


@pytest.mark.parametrize("check", SPOILT)
def test_what_is_wrong_is_shown_with_what_to_do(check: str, scored: Database) -> None:
    with taken_back(scored):
        before = {row["check"]: row for row in scored.rows("tests.health")}
        scored.execute(f"tests.{SPOILT[check]}")
        if check != "statistics current":
            scored.execute("schema.refresh")
        after = {row["check"]: row for row in scored.rows("tests.health")}
    assert before[check]["status"] == "ok", before[check]
    assert after[check]["status"] == "look"
    assert "; " in after[check]["detail"]
