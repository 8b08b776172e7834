"""One batch: read, normalise, infer, write, roll up, refresh.

Three things go on at once: a process (or, for a small window, this thread) reads, this thread
infers and encodes, a thread writes. Exactly-once rests on three facts: a scorer holds its shard's
lock in a transaction that ends with its life; a chunk's predictions, templates and rollups are one
transaction; and logs are chosen by having no prediction.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scoring.encode import encode, encode_groups
from scoring.features import History, group
from scoring.model import Detector, Models
from scoring.reader import OWN_PROCESS_FROM, chunks_in_place, chunks_of_child
from scoring.recall import EPOCH_SECONDS, days_of, recall
from scoring.rows import Chunk
from scoring.selection import Selection
from scoring.verdict import Assessor, judge
from scoring.writer import Work, Writer
from sql.database import Database, connect
from sql.errors import DatabaseError

SECONDS_FOR_LOCK = 5.0
"""A scorer that was killed leaves its lock as soon as the server notices; that takes a moment."""


class AlreadyRunning(Exception):
    """Another scorer holds the shard; it does the work, and nothing is left for this one."""


@dataclass
class Report:
    """What a batch did; `row` is its row of `ml_batches`, None when there was nothing to do."""

    row: dict[str, Any] | None = None
    seconds: dict[str, float] = field(default_factory=dict)


class Clock:
    """Seconds spent in each step."""

    def __init__(self) -> None:
        """Start now."""
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        """Count the time since the last lap to `step`."""
        now = time.perf_counter()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self._last
        self._last = now


def run(
    url: str, selection: Selection, models: Models, advance: Callable[[int], None] = lambda _: None
) -> Report:
    """Score the selected logs of the database at `url`; `advance` hears of each chunk's size.

    Raises AlreadyRunning when another scorer holds the shard, DatabaseError when the database
    fails: what was committed until then stays, and the next run goes on from there.
    """
    control, writing = connect(url, "logkiln control"), connect(url, "logkiln writer")
    try:
        with control.transaction():
            take_lock(control, selection)
            return run_locked(url, control, writing, selection, models, advance)
    finally:
        control.close()
        writing.close()


def take_lock(control: Database, selection: Selection) -> None:
    """Take the shard's lock for the life of the open transaction, or raise AlreadyRunning."""
    give_up_at = time.monotonic() + SECONDS_FOR_LOCK
    while not control.value("batch.try_lock", shard=selection.shard_name):
        if time.monotonic() > give_up_at:
            raise AlreadyRunning(
                f"another scorer is at work on shard {selection.shard_name}; nothing to do here"
            )
        time.sleep(0.05)


def run_locked(
    url: str,
    control: Database,
    writing: Database,
    selection: Selection,
    models: Models,
    advance: Callable[[int], None],
) -> Report:
    """Score while holding the lock."""
    clock = Clock()
    parameters = selection.parameters()
    with writing.transaction():
        # Waits for the last transaction of a scorer that died just now, so that the read sees it.
        writing.execute("batch.lock_writes")
        writing.execute("batch.close_interrupted", shard=selection.shard_name)
    window = control.row("batch.window", **{k: parameters[k] for k in ("since", "until", "source")})
    count = window["count_logs"]
    parameters |= window
    clock.lap("window")
    if not count:
        return Report(None, clock.seconds)
    chunks = (
        chunks_of_child(url, parameters)
        if count >= OWN_PROCESS_FROM
        else chunks_in_place(writing, parameters)
    )
    first = next(chunks, None)
    clock.lap("read")
    if first is None:
        return Report(None, clock.seconds)
    model_id, batch_id = open_batch(writing, selection, models)
    writer = Writer(writing, batch_id)
    try:
        try:
            score(control, writer, models, model_id, with_first(first, chunks), clock, advance)
            writer.drain()
        finally:
            writer.close()
        clock.lap("drain")
        clock.seconds |= writer.seconds
        refresh(writing, batch_id, clock)
    except (DatabaseError, OSError) as exc:
        note_failure(url, batch_id, exc)
        raise
    with writing.transaction():
        return Report(writing.row("batch.row", batch_id=batch_id), clock.seconds)


def with_first(first: Chunk, others: Iterator[Chunk]) -> Iterator[Chunk]:
    """Yield `first`, then `others`."""
    yield first
    yield from others


def open_batch(writing: Database, selection: Selection, models: Models) -> tuple[int, int]:
    """Register the model and begin a row of `ml_batches`; return (model_id, batch_id)."""
    with writing.transaction():
        writing.execute("batch.retire_other_champions", version=models.version)
        writing.execute(
            "batch.register_model", version=models.version, manifest=json.dumps(models.manifest)
        )
        model_id = writing.value("batch.model_id", version=models.version)
        batch_id = writing.value(
            "batch.open",
            shard=selection.shard_name,
            model_id=model_id,
            since=selection.since,
            until=selection.until,
        )
    return model_id, batch_id


def score(
    control: Database,
    writer: Writer,
    models: Models,
    model_id: int,
    chunks: Iterator[Chunk],
    clock: Clock,
    advance: Callable[[int], None],
) -> None:
    """Infer and encode chunk after chunk, and hand each to the writer."""
    assessor, history = Assessor(models.classifier), History()
    for chunk in chunks:
        clock.lap("read")
        if chunk.is_reset:
            writer.drain()  # What was forgotten is asked of the database, which must have it all.
            history = History()
        assessor.learn(chunk)
        clock.lap("infer")
        recall(control, history, chunk.new_units)
        clock.lap("recall")
        work = work_of(assessor, models.detector, history, chunk, writer.batch_id, model_id)
        clock.lap("judge")
        writer.put(work)
        clock.lap("wait for writer")
        advance(len(chunk))


def work_of(
    assessor: Assessor,
    detector: Detector,
    history: History,
    chunk: Chunk,
    batch_id: int,
    model_id: int,
) -> Work:
    """Return what `chunk` brings into the database."""
    groups = group(chunk)
    verdicts = judge(assessor.assess(history, chunk, groups), detector)
    words, unseen = assessor.words(groups)
    units = assessor.units
    predicted_at = round((time.time() - EPOCH_SECONDS) * 1_000_000)
    bins = np.minimum((verdicts.score * 10).astype(np.int64), 9)
    return Work(
        predictions=encode(chunk, groups, units, verdicts, predicted_at, batch_id, model_id),
        groups=encode_groups(chunk, groups, units, verdicts, model_id),
        days=days_of(groups.hour_at),
        count_logs=len(chunk),
        count_anomalies=int(groups.count[verdicts.is_anomaly].sum()),
        count_set_aside=0,
        count_words=words,
        count_unseen_words=unseen,
        score_histogram=np.bincount(bins, groups.count, 10).astype(int).tolist(),
    )


def refresh(writing: Database, batch_id: int, clock: Clock) -> None:
    """Close the run and refresh the views in one transaction, so that they show it as done."""
    steps = {step: round(seconds, 3) for step, seconds in clock.seconds.items()}
    with writing.transaction():
        writing.execute(
            "batch.close", batch_id=batch_id, set_aside="{}", step_seconds=json.dumps(steps)
        )
        writing.execute("schema.refresh")
    clock.lap("refresh")
    steps["refresh"] = round(clock.seconds["refresh"], 3)
    with writing.transaction():
        writing.execute("batch.note_seconds", batch_id=batch_id, step_seconds=json.dumps(steps))


def note_failure(url: str, batch_id: int, error: Exception) -> None:
    """Say in the run's row that it failed, on a connection of its own; the error itself is raised.

    When the database is away the row stays `running`, and the next run calls it interrupted.
    """
    try:
        database = connect(url, "logkiln failure")
        with database.transaction():
            database.execute("batch.fail", batch_id=batch_id, error=str(error)[:2000])
        database.close()
    except DatabaseError as second:
        error.add_note(f"noting the failure failed too: {second}")
