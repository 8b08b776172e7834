"""What a refresh costs after a batch of 10,000 logs, with a million and ten million predictions.

Both have the same logs a day, one ten times the days of the other: an installation now, and later.
They take turns on one server, so that a noisy machine disturbs both. A reader in a loop meanwhile
asks for the same total by five views at once, and how long it waited for the answer.
"""

import statistics
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import history
from benchmarks.measure import say
from local import postgres
from sql.database import Database, connect
from sql.errors import DatabaseError
from sql.migrate import migrate

ROUNDS = 15
BATCH = 10_000


@dataclass
class Reader:
    """Reads until told to stop; `waits` are the seconds of each answer."""

    url: str
    waits: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start reading."""
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        """Stop reading."""
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        database = connect(self.url, "benchmark reader")
        while not self._is_over.wait(0.002):
            started = time.perf_counter()
            try:
                with database.transaction():
                    totals = database.row("benchmarks.total_by_views")
            except DatabaseError as exc:
                self.errors.append(str(exc))
                continue
            self.waits.append(time.perf_counter() - started)
            if len(set(totals.values())) != 1:
                self.errors.append(f"numbers of several batches: {totals}")
        database.close()


def installation(server: postgres.Server, name: str, days: int, logs_a_day: int) -> Database:
    """Return a connection to a new database with such a past."""
    server.create_database(name)
    database = connect(server.url(name), "benchmark")
    migrate(database)
    started = time.perf_counter()
    stored = history.fill(database, days, logs_a_day)
    say(f"{name}: {stored:,} predictions of {days} days in {time.perf_counter() - started:.0f} s")
    return database


def refresh_after_batch(database: Database, number: int) -> float:
    """Return the seconds that a refresh takes after a batch of logs of the last hour."""
    now = datetime.now(UTC)
    # An hour that goes over midnight is of two days, and a call makes one.
    from_at = max(now - timedelta(hours=1), now.replace(hour=0, minute=0, second=0, microsecond=0))
    history.add(database, 10**12 + number * BATCH, BATCH, from_at, now)
    started = time.perf_counter()
    with database.transaction():
        database.execute("schema.refresh")
    return time.perf_counter() - started


def main(
    few_days: int = 40, many_days: int = 400, logs_a_day: int = 25_000, rounds: int = ROUNDS
) -> dict[str, Any]:
    """Measure and return the figures: medians over the rounds, and the worst of the reader."""
    with postgres.temporary() as server:
        few = installation(server, "few", few_days, logs_a_day)
        many = installation(server, "many", many_days, logs_a_day)
        seconds: dict[str, list[float]] = {"few": [], "many": []}
        for database in (few, many):
            refresh_after_batch(database, 0)  # The first one finds everything changed.
        reader = Reader(server.url("many"))
        try:
            for number in range(1, rounds + 1):
                seconds["few"].append(refresh_after_batch(few, number))
                seconds["many"].append(refresh_after_batch(many, number))
        finally:
            reader.stop()
        for line in reader.errors[:5]:
            say(line)
        few.close()
        many.close()
    ms = {name: statistics.median(taken) * 1000 for name, taken in seconds.items()}
    return {
        "predictions_few": few_days * logs_a_day,
        "predictions_many": many_days * logs_a_day,
        "refresh_ms_1m": round(ms["few"], 1),
        "refresh_ms_10m": round(ms["many"], 1),
        "growth": round(ms["many"] / ms["few"], 3),
        "reader_answers": len(reader.waits),
        "reader_median_ms": round(statistics.median(reader.waits) * 1000, 2),
        "reader_max_wait_ms": round(max(reader.waits) * 1000, 1),
        "reader_errors": len(reader.errors),
    }
