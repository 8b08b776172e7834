"""What scoring 100,000 new logs costs with a million predictions stored, and with ten million."""

import os
import tempfile
import time
from pathlib import Path

from benchmarks import mixes
from benchmarks.measure import installed, run, say
from benchmarks.scoring import fit, score
from scoring.recall import microseconds
from sql.database import Database

STEP = 80_000
ROUNDS = 3


def fresh(
    url: str, database: Database, base: list[mixes.Line], first_id: int, logs: int, folder: Path
) -> float:
    """Return the seconds of a batch over `logs` that arrive now, by the default window."""
    now = microseconds(time.time())
    made = mixes.lines("capture", base, logs, seed=first_id)
    mixes.fill(database, made, first_id, now - logs * 1000, 1000)
    environment = {**os.environ, "DATABASE_URL": url}
    done = run("scoring", "--json", "--folder", str(folder), environment=environment)
    assert done.output["count_logs"] == logs
    return done.seconds


def main(few: int = 1_000_000, many: int = 10_000_000, logs: int = 100_000) -> dict[str, float]:
    """Measure and return the figures: the best of three rounds at each size."""
    seconds = {}
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
            seconds[size] = min(rounds)
            say(f"{size:,} stored: {logs:,} more in {seconds[size]:.2f} s")
    return {
        "logs": logs,
        "seconds_few": round(seconds[few], 3),
        "seconds_many": round(seconds[many], 3),
        "growth": round(seconds[many] / seconds[few], 3),
    }
