"""The batch against its floor and against the conventional way, on three mixes of a million logs.

*Floor*: COPY the same columns out to memory, then COPY BINARY the same rows into the same table.
Floor and batch alternate on the same server, so that a noisy machine disturbs both.
"""

import io
import os
import tempfile
import time
from pathlib import Path
from typing import Any

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
) -> tuple[float, float, Run]:
    """Return (seconds of the batch, seconds of the floor, the run) on one mix."""
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
    return done.seconds, bottom, done


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
        found = {mix: mixture(url, database, base, mix, logs, folder) for mix in mixes.MIXES}
        usual, one_by_one = conventional(url, database, base, "capture", conventional_logs, folder)
        usual_worst, _ = conventional(url, database, base, "unique", conventional_logs // 5, folder)
    seconds, bottom, done = found["capture"]
    ratios = {mix: round(batch / floor_, 2) for mix, (batch, floor_, _) in found.items()}
    return {
        "logs": logs,
        "seconds": round(seconds, 2),
        "floor_seconds": round(bottom, 2),
        "ratio_to_floor": ratios["capture"],
        "ratio_to_floor_ids": ratios["ids"],
        "ratio_to_floor_worst": ratios["unique"],
        "logs_per_second": round(logs / seconds),
        "conventional_logs_per_second": round(usual),
        "log_by_log_per_second": round(one_by_one),
        "speedup_over_conventional": round(logs / seconds / usual, 1),
        "worst_logs_per_second": round(logs / found["unique"][0]),
        "conventional_worst_logs_per_second": round(usual_worst),
        "speedup_worst": round(logs / found["unique"][0] / usual_worst, 1),
        "peak_rss_mb": round(max(each.peak_rss_mb for _, _, each in found.values())),
        "step_seconds": done.output["step_seconds"],
    }
