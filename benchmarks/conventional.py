"""What a careful engineer writes today: pickled pipelines, every message, `execute_values`.

The features of the anomaly detector are given to it for nothing, so it is faster here than it
would be in life.
"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import joblib
import numpy as np
import numpy.typing as npt
import psycopg2
from psycopg2.extras import execute_values

from benchmarks.mixes import Line
from scoring.normalize import normalize

BATCH = 1000
START = datetime(2025, 5, 1, tzinfo=UTC)


class Conventional:
    """The two fitted pipelines, loaded from pickles, and a connection."""

    def __init__(self, folder: Path, url: str) -> None:
        """Load `classifier.joblib` and `detector.joblib` from `folder`."""
        self.classifier = joblib.load(folder / "classifier.joblib")
        self.detector = joblib.load(folder / "detector.joblib")
        self.connection = psycopg2.connect(url)

    def score(self, lines: list[Line], features: npt.NDArray[np.float32], batch: int) -> float:
        """Score `lines` with their `features` [n, k] in batches; return logs a second."""
        started = time.perf_counter()
        for start in range(0, len(lines), batch):
            self._batch(start, lines[start : start + batch], features[start : start + batch])
        return len(lines) / (time.perf_counter() - started)

    def _batch(self, start: int, lines: list[Line], features: npt.NDArray[np.float32]) -> None:
        texts = [normalize(line.message.decode("utf-8", "replace")) for line in lines]
        probabilities = self.classifier.predict_proba(texts)
        levels = self.classifier.classes_[probabilities.argmax(axis=1)]
        scores = 1 / (1 + np.exp(self.detector.predict(features)))
        now = datetime.now(UTC)
        rows = [
            (
                start + at,
                START + timedelta(milliseconds=80 * (start + at)),
                hash(text),
                now,
                levels[at],
                float(probabilities[at].max()),
                float(scores[at]),
                "low",
                1,
                1,
                bool(scores[at] > 0.9),
                "",
            )
            for at, text in enumerate(texts)
        ]
        with self.connection, self.connection.cursor() as cursor:
            execute_values(cursor, "insert into ml_predictions values %s", rows, page_size=BATCH)
