"""What a prediction, a log and a day of rollups take on disk, and for how long 0.5 GB last.

Captured logs with fresh digits arrive evenly at several rates, a thousand at a time as shippers
send them, and are scored by ten batches at each. Everything counts: indexes, templates, rollups,
statistics, and the catalogue of an empty database, since providers count it, too.
"""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import mixes
from benchmarks.measure import run, say
from local import postgres
from scoring.recall import microseconds
from sql.database import connect
from sql.migrate import migrate

RATES = (10_000, 100_000, 1_000_000)
"""Logs a day."""

USUAL = 100_000
BATCHES = 10
SENT_AT_ONCE = 1_000
HALF_A_GB = 500_000_000
MODELS = Path(__file__).parents[1] / "onnx_models"
DAY = 86_400
"""Seconds."""


@dataclass(frozen=True)
class Stored:
    """Bytes of an installation after `logs` logs in `days` days."""

    logs: int
    days: float
    bytes_of: dict[str, int]

    def days_in(self, room: int, with_logs: bool) -> float:
        """Return the days after which `room` bytes are full."""
        growing = ("predictions", "rollups", "logs") if with_logs else ("predictions", "rollups")
        a_day = sum(self.bytes_of[name] for name in growing) / self.days
        return (room - self.bytes_of["rest"]) / a_day


def stored(server: postgres.Server, base: list[mixes.Line], rate: int, logs: int) -> Stored:
    """Return what an installation takes after `logs` logs at `rate` a day, up to now."""
    name = f"rate_{rate}"
    server.create_database(name)
    database = connect(server.url(name), "benchmark")
    migrate(database)
    made = mixes.lines("capture", base, logs, seed=rate)
    step = DAY * mixes.SECOND // rate
    first_at = microseconds(time.time()) - logs * step
    for first_of_batch in range(0, logs, logs // BATCHES):
        # What one COPY of 100,000 logs loads lies in no order in its table.
        for first_id in range(first_of_batch, first_of_batch + logs // BATCHES, SENT_AT_ONCE):
            some = islice(made, SENT_AT_ONCE)
            mixes.fill(database, some, first_id, first_at + first_id * step, step)
        score(server.url(name), first_at + first_of_batch * step)
    database.execute_alone("benchmarks.vacuum")
    with database.transaction():
        sizes = database.row("benchmarks.sizes")
        assert database.value("benchmarks.count_stored") == logs
    database.close()
    say(f"{rate:,} logs a day for {logs / rate:g} days: {sizes}")
    return Stored(logs, logs / rate, sizes)


def score(url: str, since: int) -> None:
    """Score what arrived since, in microseconds since 2000-01-01 UTC, as a scheduled run does."""
    moment = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=since)
    environment = {**os.environ, "DATABASE_URL": url}
    environment.pop("DATABASE_URL_UNPOOLED", None)
    words = ("--since", moment.isoformat(), "--json", "--folder", str(MODELS))
    run("scoring", *words, environment=environment)


def main(logs: int = 1_000_000) -> dict[str, Any]:
    """Measure and return the figures; those without a rate are of 100,000 logs a day."""
    with postgres.temporary() as server:
        server.create_database("captured")
        database = connect(server.url("captured"), "benchmark")
        migrate(database)
        base = mixes.captured(database)
        database.close()
        found = {rate: stored(server, base, rate, logs) for rate in RATES}
    usual = found[USUAL]
    return {
        "logs": logs,
        "bytes_per_prediction": round(usual.bytes_of["predictions"] / logs, 1),
        "bytes_per_log": round(usual.bytes_of["logs"] / logs, 1),
        "days_in_half_a_gb": round(usual.days_in(HALF_A_GB, with_logs=True), 1),
        "by_logs_a_day": {
            rate: {
                "bytes_per_prediction": round(each.bytes_of["predictions"] / logs, 1),
                "rollup_bytes_a_day": round(each.bytes_of["rollups"] / each.days),
                "fixed_bytes": each.bytes_of["rest"],
                "days_with_logs": round(each.days_in(HALF_A_GB, with_logs=True), 1),
                "days_without_logs": round(each.days_in(HALF_A_GB, with_logs=False), 1),
            }
            for rate, each in found.items()
        },
    }
