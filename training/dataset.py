"""What is trained on: chunks of logs as the batch sees them, and the levels they declare."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.feedback import NO_FEEDBACK, Feedback
from scoring.levels import LEVELS
from scoring.normalize import MASK
from scoring.reader import RowSink
from scoring.rows import Chunk, Unit, UnitTable
from sql.database import Database
from training.errors import TrainingError

FEWEST_LOGS = 200
FEWEST_TEXTS = 5
"""Distinct texts below which nothing can be unusual."""
FEWEST_LEVELLED = 20
"""Distinct texts with a declared level below which a classifier would only memorise."""

NO_RESET = 2**62


@dataclass(frozen=True)
class Dataset:
    """Chunks of `count_logs` logs in the order of arrival, over one table of `units`."""

    chunks: list[Chunk]
    units: list[Unit]
    counts: list[int]
    """Logs of each unit."""
    until: str
    """Time (ISO 8601) before which all of them arrived."""
    feedback: Feedback = NO_FEEDBACK
    """What people said of their templates."""
    mutes: frozenset[tuple[str | None, int | None]] = frozenset()
    """Source and template's id of each mute that holds; None stands for any."""

    @property
    def count_logs(self) -> int:
        """Return the number of logs."""
        return sum(self.counts)

    def sha256(self) -> str:
        """Return a hash of what was trained on: every unit with its count, whatever the order."""
        lines = sorted(
            "\t".join((*unit, str(count)))
            for unit, count in zip(self.units, self.counts, strict=True)
        )
        return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True)
class Levelled:
    """Distinct (program, text, level) in the order of first appearance, and how many logs each has.

    `is_base` marks what comes from a base corpus and not from the installation's own logs.
    """

    texts: list[str]
    levels: list[str]
    counts: list[int]
    programs: list[str]
    is_base: list[bool]

    def pick(self, places: Sequence[int]) -> "Levelled":
        """Return the entries at `places`."""
        columns = (self.texts, self.levels, self.counts, self.programs, self.is_base)
        return Levelled(*([column[at] for at in places] for column in columns))  # type: ignore[arg-type]

    def in_order(self) -> "Levelled":
        """Return the entries by program, text and level, whatever order they came in."""
        keys = list(zip(self.programs, self.texts, self.levels, strict=True))
        return self.pick(sorted(range(len(keys)), key=keys.__getitem__))

    def __add__(self, other: "Levelled") -> "Levelled":
        """Return the entries of both."""
        return Levelled(
            self.texts + other.texts,
            self.levels + other.levels,
            self.counts + other.counts,
            self.programs + other.programs,
            self.is_base + other.is_base,
        )


def read(database: Database, since: str = "-infinity", until: str = "infinity") -> Dataset:
    """Read all logs that arrived in [`since`, `until`), and what people said of their templates;
    raise TrainingError when the logs are too few, or too alike."""
    chunks: list[Chunk] = []
    sink = RowSink(chunks.append, UnitTable(NO_RESET))
    with database.transaction():
        before = database.value("training.until", until=until)
        feedback = Feedback.of(database.rows("recall.feedback"))
        mutes = frozenset(
            (row["source"], row["template_id"]) for row in database.rows("training.mutes")
        )
        database.copy_out("training.logs", sink, since=since, until=before)
    sink.flush()
    units = [unit for chunk in chunks for unit in chunk.new_units]
    counts = np.zeros(len(units), np.int64)
    for chunk in chunks:
        counts += np.bincount(chunk.units, minlength=len(units))
    dataset = Dataset(chunks, units, counts.tolist(), before, feedback, mutes)
    if dataset.count_logs < FEWEST_LOGS:
        raise TrainingError(
            f"{dataset.count_logs} logs to train on, at least {FEWEST_LOGS} are needed: "
            "load more with `python -m ingest FILE…`, or look further back, or hold out fewer"
        )
    texts = {unit.text for unit in units}
    if texts == {MASK}:
        raise TrainingError(
            "the logs hold nothing but numbers and ids, and no word to learn from: "
            "load logs with words"
        )
    if len(texts) < FEWEST_TEXTS:
        raise TrainingError(
            f"the {dataset.count_logs:,} logs are {len(texts)} distinct texts, at least "
            f"{FEWEST_TEXTS} are needed: load more varied logs, or look further back"
        )
    return dataset


def levelled(dataset: Dataset) -> Levelled:
    """Return the texts that declare a level, with the level; there may be none."""
    found: Counter[tuple[str, str, str]] = Counter()
    for unit, count in zip(dataset.units, dataset.counts, strict=True):
        if unit.declared_level:
            found[unit.source, unit.text, unit.declared_level] += count
    return Levelled(
        [text for _, text, _ in found],
        [level for _, _, level in found],
        list(found.values()),
        [source for source, _, _ in found],
        [False] * len(found),
    )


def checked(levelled: Levelled) -> Levelled:
    """Return `levelled`; raise TrainingError when a classifier cannot be learned from it."""
    levels = set(levelled.levels)
    if len(levels) < 2:
        raise TrainingError(
            f"the logs declare {' and '.join(sorted(levels)) or 'no level at all'}; at least two "
            f"of {', '.join(LEVELS)} are needed: load logs of programs that declare levels"
        )
    if len(sources := set(levelled.programs)) < 2:
        raise TrainingError(
            f"all logs with a level come from one source ({sources.pop()[:80]}); at least two are "
            "needed to tell what a word means from what a program is: load logs of another "
            "program, or give a base corpus with --base FILE"
        )
    texts = set(levelled.texts)
    if len(texts) < FEWEST_LEVELLED:
        raise TrainingError(
            f"{len(texts)} distinct texts declare a level, at least {FEWEST_LEVELLED} are needed: "
            "load more varied logs"
        )
    return levelled
