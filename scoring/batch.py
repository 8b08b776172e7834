"""One batch: read, normalise, infer, write, roll up, refresh.

Three things go on at once: a process (or, for a small window, this thread) reads, this thread
infers and encodes, a thread writes. Exactly-once rests on three facts: a scorer holds its shard's
lock in a transaction that ends with its life; a chunk's predictions, templates and rollups are one
transaction; and logs are chosen by having no prediction.
"""

import json
from collections.abc import Iterable
from contextlib import closing
from itertools import chain
from typing import Any

import numpy as np

from scoring import alerts
from scoring.ahead import Ahead
from scoring.aside import Aside
from scoring.beside import ReadingProcess
from scoring.claim import Claim
from scoring.clock import Clock
from scoring.encode import Shared, encode, encode_groups, encode_keys
from scoring.judging import Judged, Judging
from scoring.model import Models
from scoring.reader import chunks
from scoring.recall import days_of
from scoring.rows import Chunk
from scoring.selection import Selection, count_expected
from scoring.tally import Tally
from scoring.writer import Work, Writer
from sql.database import Database, connect
from sql.errors import DatabaseError
from sql.progress import SILENT, Progress

Row = dict[str, Any]


def run(
    url: str,
    selection: Selection,
    models: Models,
    bar: Progress = SILENT,
    ahead: Ahead | None = None,
) -> Row | None:
    """Score the selected logs of the database at `url`, and tell `bar` how far it is, with what was
    begun `ahead`, if anything was.

    Returns the run's row of `ml_batches` with `seconds`, those of all of it, and `anomalies`, the
    rows of a `Tally`; or None when there was nothing to do. Raises
    AlreadyRunning when another scorer holds the shard, DatabaseError when the database fails: what
    was committed until then stays, and the next run goes on from there.
    """
    claim = (ahead and ahead.claim) or Claim(url, selection)
    process = ahead.process if ahead else None
    with claim, closing(connect(url, "logkiln writer")) as writing:
        return Batch(url, claim, writing, selection, models, bar, process).run()


class Batch:
    """A run that holds a `claim`."""

    def __init__(
        self,
        url: str,
        claim: Claim,
        writing: Database,
        selection: Selection,
        models: Models,
        bar: Progress,
        process: ReadingProcess | None,
    ) -> None:
        """Prepare; nothing is read or written yet."""
        self.url, self.writing, self.process = url, writing, process
        self.control, self.window = claim.database, claim.parameters
        self.selection, self.models, self.bar = selection, models, bar
        self.clock, self.aside, self.tally = Clock(), Aside(), Tally()

    def run(self) -> Row | None:
        """Score everything that is selected; return the run's row, None when that is nothing."""
        model_id = self.prepare()
        settled: str = self.control.value("batch.settled")
        self.bar.expect(count_expected(self.window))
        self.clock.lap("prepare")
        parameters = {**self.window, "model_id": model_id}
        found = chunks(self.url, self.writing, parameters, self.process)
        first = next(found, None)
        self.clock.lap("read")
        if first is None:
            self.catch_up()
            return None
        batch_id = self.open(model_id, settled)
        try:
            self.score(chain([first], found), batch_id, model_id)
            self.refresh(batch_id)
        except (DatabaseError, OSError) as exc:
            note_failure(self.url, batch_id, exc)
            raise
        with self.writing.transaction():
            row = self.writing.row("batch.row", batch_id=batch_id)
        return {**row, "seconds": self.clock.whole(), "anomalies": self.tally.rows()}

    def prepare(self) -> int:
        """Tidy up after a scorer that died, make the partitions of the days to come, and register
        the model; return its number."""
        version, manifest = self.models.version, json.dumps(self.models.manifest)
        with self.writing.transaction():
            # Waits for the dead scorer's last transaction, so that the read will see it.
            self.writing.execute("batch.lock_writes")
            self.writing.execute("batch.close_interrupted", shard=self.selection.shard_name)
            self.writing.execute("batch.partitions_ahead")
            self.writing.execute("batch.retire_other_champions", version=version)
            self.writing.execute("batch.register_model", version=version, manifest=manifest)
            model_id: int = self.writing.value("batch.model_id", version=version)
        return model_id

    def catch_up(self) -> None:
        """Refresh the views when they lack a run that died or failed before it could do so."""
        with self.writing.transaction():
            if self.writing.value("batch.is_behind"):
                self.writing.execute("schema.refresh")

    def open(self, model_id: int, settled: str) -> int:
        """Begin a row of `ml_batches`; return its number.

        What arrived before the time `settled` was there for the read to see.
        """
        with self.writing.transaction():
            batch_id: int = self.writing.value(
                "batch.open",
                shard=self.selection.shard_name,
                model_id=model_id,
                since=self.window["since"],
                until=self.selection.until,
                is_whole=self.selection.is_whole,
                settled=settled,
            )
        return batch_id

    def score(self, found: Iterable[Chunk], batch_id: int, model_id: int) -> None:
        """Judge and encode chunk after chunk, and hand each to the writer."""
        writer = Writer(self.writing, batch_id)
        past_ends = self.window["past_ends"]
        judging = Judging(self.models, self.control, self.clock, writer.commit, past_ends)
        try:
            for chunk in found:
                self.clock.lap("read")
                judged = judging.judge(chunk)
                count_aside = self.aside.look(judged)
                self.tally.add(judged)
                work = work_of(judged, count_aside, batch_id, model_id, self.selection.is_again)
                self.clock.lap("encode")
                writer.put(work)
                self.clock.lap("wait for writer")
                self.bar.advance(len(chunk))
            writer.commit()()
        finally:
            writer.close()
        self.clock.lap("wait for writer")
        self.clock.seconds |= writer.seconds

    def refresh(self, batch_id: int) -> None:
        """Close the run, refresh the views, and write the alerts that its end brings, in one
        transaction, so that all of it shows at once.
        """
        with self.writing.transaction():
            # Before the run's row, in the order of whoever takes the shard over.
            self.writing.execute("batch.lock_writes")
            self.writing.execute(
                "batch.close",
                batch_id=batch_id,
                set_aside=json.dumps(self.aside.reasons),
                step_seconds=json.dumps(self.clock.rounded()),
            )
            self.writing.execute("schema.refresh")
            alerts.close(self.writing, batch_id)
        self.clock.lap("refresh")
        steps = json.dumps(self.clock.rounded())
        with self.writing.transaction():
            self.writing.execute("batch.note_seconds", batch_id=batch_id, step_seconds=steps)


def work_of(
    judged: Judged, count_set_aside: int, batch_id: int, model_id: int, is_again: bool
) -> Work:
    """Return what a chunk brings into the database."""
    chunk, groups, units, verdicts = judged.chunk, judged.groups, judged.units, judged.verdicts
    shared = Shared.of(groups, units, verdicts)
    bins = np.minimum((verdicts.score * 10).astype(np.int64), 9)
    return Work(
        predictions=encode(chunk, groups, shared, verdicts, batch_id, model_id),
        groups=encode_groups(chunk, groups, units, shared, verdicts, model_id),
        replaced=encode_keys(chunk) if is_again else b"",
        days=days_of(groups.hour_at),
        count_logs=len(chunk),
        count_anomalies=judged.count_anomalies,
        count_set_aside=count_set_aside,
        count_words=judged.words,
        count_unseen_words=judged.unseen_words,
        score_histogram=np.bincount(bins, groups.count, 10).astype(int).tolist(),
    )


def note_failure(url: str, batch_id: int, error: Exception) -> None:
    """Say in the run's row that it failed, on a connection of its own; the error itself is raised.

    When the database is away the row stays `running`, and the next run calls it interrupted.
    """
    try:
        with closing(connect(url, "logkiln failure")) as database, database.transaction():
            database.execute("batch.fail", batch_id=batch_id, error=str(error)[:2000])
    except DatabaseError as second:
        error.add_note(f"noting the failure failed too: {second}")
