"""What each statement of the function takes with ten million predictions, and how it is planned.

The data are those of the benchmark `api`, see there for `prepare=1`; `write=1` also writes
docs/queries.md.
"""

import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks import plans
from benchmarks.api import KEPT, prepared
from benchmarks.cases import statements
from benchmarks.measure import say
from local import postgres
from sql.database import Database, connect

PAGE = Path(__file__).parents[1] / "docs" / "queries.md"
TIMES = 41


def main(many: int = 10_000_000, days: int = 30, write: int = 0) -> dict[str, Any]:
    """Measure and return the figures: medians in ms over a local socket, planning included."""
    server = postgres.start(KEPT, say=say)
    try:
        database = connect(server.url(prepared(server, many, days)), "benchmark")
        known = statements(database)
        taken = {what: median_ms(database, *called) for what, called in known.items()}
        if write:
            PAGE.write_text(plans.page(database, known, taken, many, days), encoding="utf-8")
        database.close()
    finally:
        server.stop()
    return {
        "worst_ms": max(taken.values()),
        "count_above_2_ms": sum(ms > 2 for ms in taken.values()),
        "per_statement": taken,
    }


def median_ms(database: Database, statement: str, values: dict[str, Any]) -> float:
    """Return the median of many runs, each in a transaction that is rolled back."""
    times: list[float] = []
    for _ in range(TIMES):
        with plans.undone(database):
            started = time.perf_counter()
            database.row(statement, **values)
            times.append(time.perf_counter() - started)
    return round(statistics.median(times) * 1000, 2)
