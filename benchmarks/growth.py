"""What scoring 100,000 new logs costs with a million predictions stored, and with ten million."""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import mixes
from benchmarks.measure import Run, installed, run, say
from benchmarks.scoring import fit, score
from scoring.recall import microseconds
from sql.database import Database

STEP = 80_000
ROUNDS = 3


def fresh(
    url: str, database: Database, base: list[mixes.Line], first_id: int, logs: int, folder: Path
) -> Run:
    """Return a batch over `logs` that arrive now, by the default window."""
    now = microseconds(time.time())
    made = mixes.lines("capture", base, logs, seed=first_id)
    mixes.fill(database, made, first_id, now - logs * 1000, 1000)
    environment = {**os.environ, "DATABASE_URL": url}
    done = run("scoring", "--json", "--folder", str(folder), environment=environment)
    assert done.output["count_logs"] == logs
    return done


def main(few: int = 1_000_000, many: int = 10_000_000, logs: int = 100_000) -> dict[str, Any]:
    """Measure and return the figures: the best of three rounds at each size."""
    best: dict[int, Run] = {}
    with tempfile.TemporaryDirectory() as name, installed() as (url, database):
        folder = Path(name)
        base = mixes.captured(database, lambda: fit(database, folder))
        first_id, stored = 1, 0
        for size in (few, many):
            made = mixes.lines("capture", base, size - stored, seed=size)
            # Older by days: ten million at 80 ms are nine of them.
            stored += mixes.fill(database, made, first_id, 780_000_000 * mixes.SECOND, STEP)
            first_id += size
            score(url, folder)
            # What is stored came over days: it was vacuumed and written out before the logs of now.
            database.execute_alone("benchmarks.vacuum")
            with database.transaction():
                database.execute("benchmarks.write_out")
            rounds = []
            for _ in range(ROUNDS):
                rounds.append(fresh(url, database, base, first_id, logs, folder))
                first_id += logs
            best[size] = min(rounds, key=lambda done: done.seconds)
            say(f"{size:,} stored: {logs:,} more in {best[size].seconds:.2f} s")
    return {
        "logs": logs,
        "seconds_few": round(best[few].seconds, 3),
        "seconds_many": round(best[many].seconds, 3),
        "growth": round(best[many].seconds / best[few].seconds, 3),
        "steps_few": best[few].output["step_seconds"],
        "steps_many": best[many].output["step_seconds"],
    }
