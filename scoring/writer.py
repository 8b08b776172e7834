"""The writing end of a batch: a connection and a thread of its own, several chunks a transaction.

A chunk is copied as it comes; what it adds to templates and rollups is staged beside it, and added
once for all chunks of a transaction, which touch the same templates and hours.
"""

import io
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from sql.database import Database
from sql.errors import NoPartition

WAITING = 2
"""Chunks that may wait to be written: enough to keep the writer busy, few enough for memory."""

CHUNKS_A_TRANSACTION = 8
"""Each transaction updates every template and hour that it touches: one for eight chunks instead of
one for each takes a quarter of the time. What it holds is kept until it is committed, some 7 MB a
chunk, and is what a kill costs: two seconds of work."""

PATIENCE = 1.0
"""Seconds to wait for the next chunk before what is written so far is committed."""


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


class Writer:
    """Writes chunks in the order given; an error ends it and is raised at the next `put`."""

    def __init__(self, database: Database, batch_id: int) -> None:
        """Start the thread."""
        self.seconds = {"copy": 0.0, "rollups": 0.0}
        self.error: BaseException | None = None
        self._database, self._batch_id = database, batch_id
        self._asked: queue.Queue[Work | threading.Event | None] = queue.Queue(WAITING)
        self._next: Work | None = None
        self._to_tell: threading.Event | None = None
        self._is_ended = False
        self._days: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def put(self, work: Work) -> None:
        """Hand over a chunk; waits while enough of them are waiting."""
        self._asked.put(work)
        self._raise()

    def commit(self) -> Callable[[], None]:
        """Ask that everything handed over be committed; return what waits until it is."""
        is_committed = threading.Event()
        self._asked.put(is_committed)

        def wait() -> None:
            is_committed.wait()
            self._raise()

        return wait

    def close(self) -> None:
        """Commit what was handed over and end; an error that it meets is left in `error`."""
        self._asked.put(None)
        self._thread.join()

    def _raise(self) -> None:
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        """Write transaction after transaction until told to end."""
        while not self._is_ended:
            taken: list[Work] = []
            coming = self._coming(taken)
            try:
                if next(coming, None) and self.error is None:
                    self._write(taken, coming)
            except BaseException as exc:  # noqa: BLE001 - carried to the thread that can act on it
                self.error = exc
            if self._to_tell:
                self._to_tell.set()
                self._to_tell = None

    def _coming(self, taken: list[Work]) -> Iterator[Work]:
        """Yield chunks as they come, added to `taken`, until it is time to commit: there are
        enough, no more come for now, somebody waits for it, or a day needs a partition first."""
        while len(taken) < CHUNKS_A_TRANSACTION:
            work, self._next = self._next or self._take(PATIENCE if taken else None), None
            if work is None:
                return
            if taken and not self._days.issuperset(work.days):
                self._next = work
                return
            taken.append(work)
            yield work
            if work.replaced:
                return

    def _take(self, seconds: float | None) -> Work | None:
        """Return the next chunk; None when there is none for some seconds or a commit is asked."""
        try:
            asked = self._asked.get(timeout=seconds)
        except queue.Empty:
            return None
        if isinstance(asked, Work):
            return asked
        self._to_tell, self._is_ended = asked, asked is None
        return None

    def _write(self, taken: list[Work], coming: Iterator[Work]) -> None:
        """Write the chunks `taken` and those that are `coming`: predictions, templates, rollups
        and alerts, all of it or nothing."""
        try:
            self._transact(chain(tuple(taken), coming), taken)
        except NoPartition:
            self._days.clear()  # Somebody, `prune` perhaps, dropped one that was there before.
            self._transact(tuple(taken), taken)

    def _transact(self, works: Iterable[Work], taken: list[Work]) -> None:
        """Write `works` in one transaction; by its end, they are `taken`."""
        self._make_partitions({day for work in taken for day in work.days})
        with self._database.transaction():
            self._database.execute("batch.keep_open")
            # Deleting wants to be alone; two that share and then both want that wait for ever.
            is_alone = any(work.replaced for work in taken)
            self._database.execute("batch.lock_writes" if is_alone else "batch.share_writes")
            self._database.execute("groups.create_staging")
            for work in works:
                started = time.perf_counter()
                self._copy(work)
                self.seconds["copy"] += time.perf_counter() - started
            started = time.perf_counter()
            self._roll_up(taken)
        self.seconds["rollups"] += time.perf_counter() - started

    def _make_partitions(self, days: set[str]) -> None:
        """Make the partitions of `days`; in a transaction of their own, as other shards wait."""
        if new := sorted(days - self._days):
            with self._database.transaction():
                self._database.execute("batch.ensure_partitions", days=new)
            self._days.update(new)

    def _copy(self, work: Work) -> None:
        """Copy a chunk's predictions, and stage its groups."""
        if work.replaced:
            self._database.execute("predictions.stage_keys")
            self._database.copy_in("predictions.copy_keys", io.BytesIO(work.replaced))
            self._database.execute("predictions.delete_predictions")
        # In one piece: for each next one the thread would wait for the interpreter's lock again.
        predictions = io.BytesIO(work.predictions)
        self._database.copy_in("predictions.copy_predictions", predictions, len(work.predictions))
        self._database.copy_in("groups.copy_groups", io.BytesIO(work.groups))

    def _roll_up(self, works: list[Work]) -> None:
        """Add the staged groups of `works` to templates, rollups, alerts and the run's row."""
        count_new_templates = self._database.value("groups.upsert_templates")
        self._database.execute("groups.upsert_template_hourly")
        self._database.execute("groups.upsert_prediction_hourly")
        self._database.execute("groups.upsert_template_levels")
        if not any(work.replaced for work in works):
            self._database.execute(
                "groups.insert_alerts", batch_id=self._batch_id, are_counted=True
            )
        histograms = zip(*(work.score_histogram for work in works), strict=True)
        touched = self._database.execute(
            "batch.add_to_batch",
            batch_id=self._batch_id,
            count_logs=sum(work.count_logs for work in works),
            count_anomalies=sum(work.count_anomalies for work in works),
            count_new_templates=count_new_templates,
            count_set_aside=sum(work.count_set_aside for work in works),
            count_words=sum(work.count_words for work in works),
            count_unseen_words=sum(work.count_unseen_words for work in works),
            score_histogram=[sum(counts) for counts in histograms],
        )
        if touched != 1:
            raise LeaseLost(
                f"batch {self._batch_id} is no longer running by its row in ml_batches: "
                "another scorer took over; what was not committed was rolled back"
            )
