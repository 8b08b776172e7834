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


def best_of_rounds(stored: int, logs: int) -> Run:
    """Return the fastest batch over `logs` new logs, in a database of its own with `stored`
    predictions: a window looks at all that came within a day, rounds of another size included."""
    with tempfile.TemporaryDirectory() as name, installed() as (url, database):
        folder = Path(name)
        base = mixes.captured(database, lambda: fit(database, folder))
        made = mixes.lines("capture", base, stored)
        # Older by years; ten million at 80 ms are nine days.
        mixes.fill(database, made, 1, 780_000_000 * mixes.SECOND, STEP)
        score(url, folder)
        # What is stored came over days: it was vacuumed and written out before the logs of now.
        database.execute_alone("benchmarks.vacuum")
        with database.transaction():
            database.execute("benchmarks.write_out")
        first_ids = range(stored + 1, stored + 1 + ROUNDS * logs, logs)
        rounds = [fresh(url, database, base, first_id, logs, folder) for first_id in first_ids]
    best = min(rounds, key=lambda done: done.seconds)
    say(f"{stored:,} stored: {logs:,} more in {best.seconds:.2f} s")
    return best


def main(few: int = 1_000_000, many: int = 10_000_000, logs: int = 100_000) -> dict[str, Any]:
    """Measure and return the figures: the best of three rounds at each size."""
    at_few, at_many = (best_of_rounds(stored, logs) for stored in (few, many))
    return {
        "logs": logs,
        "seconds_few": round(at_few.seconds, 3),
        "seconds_many": round(at_many.seconds, 3),
        "growth": round(at_many.seconds / at_few.seconds, 3),
        "steps_few": at_few.output["step_seconds"],
        "steps_many": at_many.output["step_seconds"],
    }
