"""Peak memory of a batch of half a million logs and of five million: it should not grow."""

import tempfile
from pathlib import Path

from benchmarks import mixes
from benchmarks.measure import installed, say
from benchmarks.scoring import fit, score
from sql.database import Database


def peak(url: str, database: Database, base: list[mixes.Line], logs: int, folder: Path) -> float:
    """Return the peak resident megabytes of scoring `logs`, reading process included."""
    with database.transaction():
        database.execute("benchmarks.forget")
    mixes.fill(database, mixes.lines("capture", base, logs), step=16_000)
    done = score(url, folder)
    say(f"{logs:,} logs: {done.peak_rss_mb:.0f} MB, {logs / done.seconds:,.0f} logs/s")
    return done.peak_rss_mb


def main(few: int = 500_000, many: int = 5_000_000) -> dict[str, float]:
    """Measure and return the figures."""
    with tempfile.TemporaryDirectory() as name, installed() as (url, database):
        base = mixes.captured(database, lambda: fit(database, Path(name)))
        small, large = (peak(url, database, base, logs, Path(name)) for logs in (few, many))
    return {
        "logs": many,
        "peak_rss_mb_few": round(small, 1),
        "peak_rss_mb": round(large, 1),
        "growth": round(large / small, 3),
    }
