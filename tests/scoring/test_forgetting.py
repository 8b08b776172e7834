"""A run that forgets, as more templates come than it keeps, asks again, and judges the same."""

from collections.abc import Iterator
from typing import Any

import pytest

from scoring.reader import RowSink
from scoring.rows import MOST_UNITS, Chunk, UnitTable
from sql.database import Database
from tests.scoring.checks import check_exactly_once
from tests.scoring.conftest import Score, make

LOGS_A_CHUNK = 20
"""Of forty templates half are in each chunk, the others in the next: some are forgotten in between
while the chunk that brought them waits for its transaction to end."""


def judged(
    database: Database, score: Score, monkeypatch: pytest.MonkeyPatch, most_units: int
) -> list[dict[str, Any]]:
    """Return the predictions of a first run, in small chunks, that keeps so many units."""

    def in_order(*_: object) -> Iterator[Chunk]:
        found: list[Chunk] = []
        sink = RowSink(found.append, UnitTable(most_units), first_rows=LOGS_A_CHUNK)
        database.copy_out("benchmarks.read_logs", sink)
        sink.flush()
        assert any(chunk.is_reset for chunk in found) == (most_units < MOST_UNITS)
        return iter(found)

    monkeypatch.setattr("scoring.reader.ROWS_A_CHUNK", LOGS_A_CHUNK)
    monkeypatch.setattr("scoring.batch.chunks", in_order)
    with database.transaction():
        database.execute("tests.forget_scores")
    with database.transaction():
        score("--all")
    check_exactly_once(database)
    with database.transaction():
        rows = database.rows("tests.scored")
    return [{name: row[name] for name in row if name != "batch_id"} for row in rows]


def test_whatever_was_forgotten_the_verdicts_are_the_same(
    database: Database, score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(database, 1500)
    remembered = judged(database, score, monkeypatch, MOST_UNITS)
    assert len({row["anomaly_score"] for row in remembered}) > 100
    for most_units in (0, 30, 60):
        assert judged(database, score, monkeypatch, most_units) == remembered
