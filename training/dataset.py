"""What is trained on: chunks of logs as the batch sees them, and the levels they declare."""

import hashlib
from collections import Counter
from dataclasses import dataclass

import numpy as np

from scoring.levels import LEVELS
from scoring.reader import RowSink
from scoring.rows import Chunk, Unit, UnitTable
from sql.database import Database
from training.errors import TrainingError

FEWEST_LOGS = 200
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
    """Distinct (text, level) pairs in the order of first appearance, and how many logs each has."""

    texts: list[str]
    levels: list[str]
    counts: list[int]


def read(database: Database, since: str = "-infinity") -> Dataset:
    """Read all logs that arrived since a time; raise TrainingError when they are too few."""
    chunks: list[Chunk] = []
    sink = RowSink(chunks.append, UnitTable(NO_RESET))
    with database.transaction():
        database.copy_out("training.logs", sink, since=since)
    sink.flush()
    units = [unit for chunk in chunks for unit in chunk.new_units]
    counts = np.zeros(len(units), np.int64)
    for chunk in chunks:
        counts += np.bincount(chunk.units, minlength=len(units))
    dataset = Dataset(chunks, units, counts.tolist())
    if dataset.count_logs < FEWEST_LOGS:
        raise TrainingError(
            f"{dataset.count_logs} logs to train on, at least {FEWEST_LOGS} are needed: "
            "load more with `python -m ingest FILE…`, or look further back"
        )
    return dataset


def levelled(dataset: Dataset) -> Levelled:
    """Return the texts that declare a level; raise TrainingError when they do not suffice."""
    pairs: Counter[tuple[str, str]] = Counter()
    for unit, count in zip(dataset.units, dataset.counts, strict=True):
        if unit.declared_level:
            pairs[unit.text, unit.declared_level] += count
    found = {level for _, level in pairs}
    if len(found) < 2:
        raise TrainingError(
            f"the logs declare {' and '.join(sorted(found)) or 'no level at all'}; at least two "
            f"of {', '.join(LEVELS)} are needed: load logs of programs that declare levels"
        )
    if len(pairs) < FEWEST_LEVELLED:
        raise TrainingError(
            f"{len(pairs)} distinct texts declare a level, at least {FEWEST_LEVELLED} are needed: "
            "load more varied logs"
        )
    return Levelled(
        [text for text, _ in pairs], [level for _, level in pairs], list(pairs.values())
    )
