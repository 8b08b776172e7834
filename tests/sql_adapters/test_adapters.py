"""Logs in tables of other programs are scored through their adapter as if they were ours."""

from pathlib import Path
from typing import Any

import pytest

from sql.database import Database
from tests.scoring.checks import check_exactly_once
from tests.scoring.conftest import Score, add, score

__all__ = ["score"]

FOLDER = Path(__file__).parents[2] / "sql" / "adapters"
FOREIGN = sorted(path.stem for path in FOLDER.glob("*.sql") if path.stem != "log_entries")

T = "2026-03-02 10:00:00"
EXPECTED: dict[str, list[tuple[str, str | None, str, str | None, str | None]]] = {
    "rsyslog": [
        ("kernel", "crit", "Out of memory: Killed process 7", None, T),
        ("my-app/worker", "warning", "waited", None, "2026-03-01 10:00:00"),
        ("sshd", "info", "Accepted publickey for root", None, T),
    ],
    "fluent_bit": [
        ("cron", "error", "again", "t-1", "2026-03-02 10:00:02"),
        ("cron", "error", "again", "t-1", "2026-03-02 10:00:02"),
        ("kube.app", None, '{"date": 1772445601.0, "answer": 42}', None, "2026-03-02 10:00:01"),
        ("shop", "info", "request took 5 ms", None, "2026-03-02 10:00:00.5"),
    ],
    "vector": [
        ("nginx", "err", "refused", None, T),
        ("web-1", None, "no program, no time", None, None),  # Of the time of its arrival.
    ],
    "uuid_key": [("shop", "warning", "paid twice", "r-1", T)] * 3,
    "composite_key": [
        ("shop", "info", "eleven", None, T),
        ("shop", None, "one", None, T),
        ("shop", "info", "one of eleven", None, T),
    ],
}


def install(database: Database, name: str) -> None:
    with database.transaction():
        database.run_text((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))


def run(database: Database, name: str) -> None:
    with database.transaction():
        database.execute(f"tests.{name}")


def rows(database: Database, name: str) -> list[dict[str, Any]]:
    with database.transaction():
        return database.rows(f"tests.{name}")


def check_texts(found: list[dict[str, Any]], level: str, name: str) -> None:
    """Check each column of `found`, whose level is called `level`, against what is expected."""
    texts = [
        tuple(row[column] for column in ("source", level, "message", "trace_id")) for row in found
    ]
    assert texts == [row[:4] for row in EXPECTED[name]]
    for row, expected in zip(found, EXPECTED[name], strict=True):
        assert expected[4] in (None, row["logged_at"])


def test_every_adapter_is_tested() -> None:
    assert sorted(EXPECTED) == FOREIGN


@pytest.mark.parametrize("name", FOREIGN)
def test_rows_of_a_foreign_table_get_one_prediction_each(
    name: str, database: Database, score: Score
) -> None:
    count = len(EXPECTED[name])
    run(database, f"{name}_table")
    install(database, name)
    run(database, f"{name}_rows")
    adapted = rows(database, "adapted")
    check_texts(adapted, "level", name)
    assert all(row["has_arrived"] for row in adapted)

    batch = score()
    assert batch is not None
    assert (batch["status"], batch["count_logs"]) == ("done", count)
    check_exactly_once(database)
    check_texts(rows(database, "served"), "declared_level", name)
    assert score() is None


@pytest.mark.parametrize("name", FOREIGN)
def test_rows_from_before_the_adapter_are_scored_too_and_installing_twice_changes_nothing(
    name: str, database: Database, score: Score
) -> None:
    run(database, f"{name}_table")
    run(database, f"{name}_rows")
    install(database, name)
    before = rows(database, "adapted")
    install(database, name)
    assert rows(database, "adapted") == before
    batch = score()
    assert batch is not None
    assert batch["count_logs"] == len(EXPECTED[name])
    check_exactly_once(database)
    assert score() is None


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("plan", ["plan_of_arrivals", "plan_of_one"])
def test_an_index_serves_each_search(name: str, plan: str, database: Database) -> None:
    run(database, f"{name}_table")
    install(database, name)
    with database.transaction():
        database.execute("tests.without_scans")
        steps = [row["QUERY PLAN"] for row in database.rows(f"tests.{plan}")]
    assert not [step for step in steps if "Seq Scan" in step], steps
    assert [step for step in steps if "Index Cond" in step], steps


def test_one_can_go_back_to_our_own_table(database: Database, score: Score) -> None:
    add(database, {"message": "ours"})
    run(database, "uuid_key_table")
    install(database, "uuid_key")
    assert rows(database, "adapted") == []
    install(database, "log_entries")
    assert [row["message"] for row in rows(database, "adapted")] == ["ours"]
    assert score() is not None
    check_exactly_once(database)
