"""Traces: counted once whatever is done to predictions, judged by what is usual of their kind."""

from typing import Any

from sql.database import Database
from tests.scoring.conftest import Score, make

COUNT = 240
WRONG = {"lacking": 200, "twice": 220, "failing": 231}


def recounted(database: Database) -> list[dict[str, Any]]:
    with database.transaction():
        database.execute("schema.refresh")
        return database.rows("tests.traces_recounted")


def test_a_trace_that_goes_otherwise_than_its_kind_is_an_anomaly(
    database: Database, score: Score
) -> None:
    with database.transaction():
        database.execute("tests.make_traces", count=COUNT, **WRONG)
    score()
    assert recounted(database) == []
    with database.transaction():
        found = {row["trace_id"]: row for row in database.rows("tests.anomalous_traces")}
    assert found.keys() == {f"trace {number}" for number in WRONG.values()}
    assert {row["count_deviations"] for row in found.values()} == {1}
    assert found["trace 200"]["reasons"] == (
        "0 times instead of 1 (so in 99.2 % of 120 traces that begin alike): answer sent"
    )
    assert found["trace 220"]["reasons"].startswith("2 times instead of 1 ")
    assert found["trace 231"]["reasons"].startswith("1 times instead of 0 ")
    # One in 120: a third of the way to one in a million.
    assert 0.34 < found["trace 231"]["anomaly_score"] < 0.36


def test_of_too_few_nothing_is_usual(database: Database, score: Score) -> None:
    with database.transaction():
        database.execute("tests.make_traces", count=80, lacking=70, twice=74, failing=77)
    score()
    with database.transaction():
        assert database.rows("tests.anomalous_traces") == []


def test_each_log_is_counted_into_its_trace_once_whatever_happens(
    database: Database, score: Score
) -> None:
    make(database, 600)
    with database.transaction():
        database.execute("tests.give_traces")
    score("--limit", "400")
    assert recounted(database) == []
    score()
    assert recounted(database) == []
    # What is deleted goes out, and comes back when it is scored again.
    with database.transaction():
        database.execute("tests.unscore", every=3, **{"from": "1 year", "until": "0"})
    assert recounted(database) == []
    score("--all")
    assert recounted(database) == []
    with database.transaction():
        database.execute("tests.forget_all_predictions")
        assert database.value("tests.count_traces") == 0
    score("--all")
    with database.transaction():
        database.execute("tests.not_traced_yet")
        database.execute("schema.refresh")
        database.execute("schema.refresh")
    assert recounted(database) == []
