"""The writing end of a batch: a connection and a thread of its own, a transaction a chunk."""

import io
import queue
import threading
import time
from dataclasses import dataclass, field

from sql.database import Database
from sql.errors import NoPartition

WAITING = 2
"""Chunks that may wait to be written: enough to keep the writer busy, few enough for memory."""


@dataclass(frozen=True)
class Work:
    """What one chunk brings into the database, encoded."""

    predictions: bytes
    groups: bytes
    replaced: bytes
    """Keys of logs whose predictions are replaced; empty when there are none."""
    days: list[str]
    count_logs: int
    count_anomalies: int
    count_set_aside: int
    count_words: int
    count_unseen_words: int
    score_histogram: list[int]


class LeaseLost(Exception):
    """By its row the run is over: another scorer took the shard; nothing more is written."""


@dataclass
class Writer:
    """Writes chunks in the order given; an error ends it and is raised at the next `put`."""

    database: Database
    batch_id: int
    seconds: dict[str, float] = field(default_factory=lambda: {"copy": 0.0, "rollups": 0.0})
    count_new_templates: int = 0
    error: BaseException | None = None

    def __post_init__(self) -> None:
        """Start the thread."""
        self._works: queue.Queue[Work | None] = queue.Queue(WAITING)
        self._days: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def put(self, work: Work) -> None:
        """Hand over a chunk; waits while enough of them are waiting."""
        self._works.put(work)
        self._raise()

    def drain(self) -> None:
        """Wait until everything handed over is committed."""
        self._works.join()
        self._raise()

    def close(self) -> None:
        """Wait for the thread to end; an error it met is left in `error`."""
        self._works.put(None)
        self._thread.join()

    def _raise(self) -> None:
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        while (work := self._works.get()) is not None:
            try:
                if self.error is None:
                    self.write(work)
            except BaseException as exc:  # noqa: BLE001 - carried to the thread that can act on it
                self.error = exc
            finally:
                self._works.task_done()

    def write(self, work: Work) -> None:
        """Write one chunk: predictions, templates, rollups and alerts, all of it or nothing."""
        try:
            self._write(work)
        except NoPartition:
            self._days.clear()  # Somebody, `prune` perhaps, dropped one that was there before.
            self._write(work)

    def _write(self, work: Work) -> None:
        started = time.perf_counter()
        days = [day for day in work.days if day not in self._days]
        with self.database.transaction():
            self.database.execute("batch.share_writes")
            if days:
                self.database.execute("batch.ensure_partitions", days=days)
            if work.replaced:
                self.database.execute("batch.stage_keys")
                self.database.copy_in("batch.copy_keys", io.BytesIO(work.replaced))
                self.database.execute("batch.delete_predictions")
            self.database.copy_in("batch.copy_predictions", io.BytesIO(work.predictions))
            copied = time.perf_counter()
            self.count_new_templates += self._roll_up(work)
        self._days.update(days)
        self.seconds["copy"] += copied - started
        self.seconds["rollups"] += time.perf_counter() - copied

    def _roll_up(self, work: Work) -> int:
        """Add the chunk's groups to templates and rollups; return the number of new templates."""
        self.database.execute("batch.create_staging")
        self.database.copy_in("batch.copy_groups", io.BytesIO(work.groups))
        count_new: int = self.database.value("batch.upsert_templates")
        self.database.execute("batch.upsert_template_hourly")
        self.database.execute("batch.upsert_prediction_hourly")
        self.database.execute("batch.upsert_template_levels")
        if not work.replaced:
            self.database.execute("batch.insert_alerts", batch_id=self.batch_id)
        touched = self.database.execute(
            "batch.add_to_batch",
            batch_id=self.batch_id,
            count_logs=work.count_logs,
            count_anomalies=work.count_anomalies,
            count_new_templates=count_new,
            count_set_aside=work.count_set_aside,
            count_words=work.count_words,
            count_unseen_words=work.count_unseen_words,
            score_histogram=work.score_histogram,
        )
        if touched != 1:
            raise LeaseLost(
                f"batch {self.batch_id} is no longer running by its row in ml_batches: "
                "another scorer took over; this chunk was rolled back"
            )
        return count_new
