"""The batch against its floor and against the conventional way, on three mixes of a million logs.

*Floor*: COPY the same columns out to memory, then COPY BINARY the same rows into the same table.
Floor and batch alternate on the same server, so that a noisy machine disturbs both; where the two
are near each other, several rounds are measured, and the figures are those of the median ratio.
"""

import io
import os
import tempfile
import time
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import numpy as np

from benchmarks import mixes
from benchmarks.conventional import BATCH, Conventional
from benchmarks.measure import Run, installed, run, say
from scoring.features import History
from scoring.groups import group
from scoring.model import Models
from scoring.rows import UnitTable
from scoring.verdict import Assessor
from sql.database import Database
from training import classifier, dataset, detector
from training.train import train

ROUNDS = {"capture": 5, "ids": 3, "unique": 1}
"""Of each mix."""


class Round(NamedTuple):
    """Seconds of a batch and of its floor, and the run itself."""

    seconds: float
    floor_seconds: float
    done: Run

    @property
    def ratio(self) -> float:
        """How many times as long as its floor the batch took."""
        return self.seconds / self.floor_seconds


def floor(database: Database) -> float:
    """Return the seconds of the floor, given a scored database."""
    rows, predictions = io.BytesIO(), io.BytesIO()
    with database.transaction():
        started = time.perf_counter()
        database.copy_out("benchmarks.read_logs", rows)
        read = time.perf_counter() - started
        database.copy_out("benchmarks.read_predictions", predictions)
    predictions.seek(0)
    with database.transaction():
        database.execute("benchmarks.forget_predictions")
    with database.transaction():
        started = time.perf_counter()
        database.copy_in("benchmarks.write_predictions", predictions)
    return read + time.perf_counter() - started


def fit(database: Database, folder: Path) -> None:
    """Train on the captured logs; leave ONNX models and, for the conventional way, pickles."""
    data = dataset.read(database)
    train(data, 0.005, folder)
    joblib.dump(classifier.fit(dataset.levelled(data)), folder / "classifier.joblib")
    samples = detector.walk(data, Models(folder).classifier)
    joblib.dump(detector.fit(samples.features), folder / "detector.joblib")


def score(url: str, folder: Path) -> Run:
    """Run the batch as a user would."""
    environment = {**os.environ, "DATABASE_URL": url}
    environment.pop("DATABASE_URL_UNPOOLED", None)
    return run("scoring", "--all", "--json", "--folder", str(folder), environment=environment)


def mixture(
    url: str, database: Database, base: list[mixes.Line], mix: str, logs: int, folder: Path
) -> Round:
    """Return a round on one mix."""
    with database.transaction():
        database.execute("benchmarks.forget")
    mixes.fill(database, mixes.lines(mix, base, logs))
    # Logs that came over hours were vacuumed and written out before anybody reads them; the floor,
    # which comes after the batch, finds them so in any case.
    database.execute_alone("benchmarks.vacuum_logs", schema=database.schema)
    with database.transaction():
        database.execute("benchmarks.write_out")
    done = score(url, folder)
    assert done.output["count_logs"] == logs
    bottom = floor(database)
    say(f"{mix}: batch {done.seconds:.2f} s, floor {bottom:.2f} s; {done.output['step_seconds']}")
    return Round(done.seconds, bottom, done)


def conventional(
    url: str, database: Database, base: list[mixes.Line], mix: str, logs: int, folder: Path
) -> tuple[float, float]:
    """Return logs a second of the conventional way, in batches and log by log."""
    with database.transaction():
        database.execute("benchmarks.forget_predictions")
    lines = list(mixes.lines(mix, base, logs))
    features = given_features(lines, Models(folder))
    way = Conventional(folder, url)
    by_batch = way.score(lines, features, BATCH)
    with database.transaction():
        database.execute("benchmarks.forget_predictions")
    by_log = way.score(lines[:1000], features, 1)
    say(f"{mix}: conventional {by_batch:,.0f} logs/s, log by log {by_log:,.0f} logs/s")
    return by_batch, by_log


def given_features(lines: list[mixes.Line], models: Models) -> np.ndarray:
    """Return the features of every line, computed for the conventional way and not timed."""
    rows = [mixes.row(at, at, line) for at, line in enumerate(lines)]
    chunk = UnitTable().chunk(rows)
    assessor = Assessor(models.classifier)
    assessor.learn(chunk)
    groups = group(chunk)
    return assessor.assess(History(), groups).features[groups.of_log]


def main(logs: int = 1_000_000, conventional_logs: int = 100_000) -> dict[str, Any]:
    """Measure and return the figures."""
    with tempfile.TemporaryDirectory() as name, installed() as (url, database):
        folder = Path(name)
        base = mixes.captured(database, lambda: fit(database, folder))
        score(url, folder)
        rounds = {
            mix: [mixture(url, database, base, mix, logs, folder) for _ in range(count)]
            for mix, count in ROUNDS.items()
        }
        usual, one_by_one = conventional(url, database, base, "capture", conventional_logs, folder)
        usual_worst, _ = conventional(url, database, base, "unique", conventional_logs // 5, folder)
    found = {
        mix: sorted(each, key=lambda round_: round_.ratio)[len(each) // 2]
        for mix, each in rounds.items()
    }
    captured, worst = found["capture"], found["unique"]
    return {
        "logs": logs,
        "seconds": round(captured.seconds, 2),
        "floor_seconds": round(captured.floor_seconds, 2),
        "ratio_to_floor": round(captured.ratio, 2),
        "ratios_to_floor": sorted(round(each.ratio, 2) for each in rounds["capture"]),
        "ratio_to_floor_ids": round(found["ids"].ratio, 2),
        "ratio_to_floor_worst": round(worst.ratio, 2),
        "logs_per_second": round(logs / captured.seconds),
        "conventional_logs_per_second": round(usual),
        "log_by_log_per_second": round(one_by_one),
        "speedup_over_conventional": round(logs / captured.seconds / usual, 1),
        "worst_logs_per_second": round(logs / worst.seconds),
        "conventional_worst_logs_per_second": round(usual_worst),
        "speedup_worst": round(logs / worst.seconds / usual_worst, 1),
        "peak_rss_mb": round(max(each.done.peak_rss_mb for each in chain(*rounds.values()))),
        "step_seconds": captured.done.output["step_seconds"],
    }
