"""Logs that lie in files, walked as the batch would: chunk by chunk, with features on the way."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scoring.features import History
from scoring.groups import group
from scoring.recall import EPOCH_SECONDS
from scoring.rows import Chunk, Int64s, Unit
from scoring.verdict import Assessment, Assessor

MINUTE = 60_000_000
"""Microseconds."""


@dataclass
class Stream:
    """Logs in order: `at` [n] in microseconds since 2000, and the place [n] of each in `units`."""

    at: Int64s
    units: list[Unit]
    of_log: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Walked:
    """What a walk found: features [g, k] and logs [g] of all groups, and the group [n] of each
    log; with the unit [g] of each group."""

    features: npt.NDArray[np.float32]
    counts: Int64s
    of_log: npt.NDArray[np.intp]
    units: list[Unit]


@dataclass
class UnitNumbers:
    """Numbers units in the order in which they first come."""

    numbers: dict[Unit, int] = field(default_factory=dict)

    def number(self, unit: Unit) -> int:
        """Return the number of a unit, a new one if need be."""
        return self.numbers.setdefault(unit, len(self.numbers))


def stream(at: list[float], units: list[Unit]) -> Stream:
    """Return the stream of logs at Unix times, sorted by time."""
    numbers = UnitNumbers()
    order = np.argsort(np.array(at), kind="stable")
    of_log = np.array([numbers.number(units[place]) for place in order.tolist()], np.int32)
    times = np.round((np.array(at)[order] - EPOCH_SECONDS) * 1e6).astype(np.int64)
    return Stream(times, list(numbers.numbers), of_log)


def by_minute(given: Stream) -> Iterator[npt.NDArray[np.intp]]:
    """Yield the places of the logs of each minute: batches as a busy installation runs them."""
    minutes = given.at // MINUTE
    for minute in np.unique(minutes):
        yield np.flatnonzero(minutes == minute)


def walk(given: Stream, assessor: Assessor, history: History) -> Walked:
    """Return the features of every group of a stream, and add the stream to `history`."""
    assessed: list[Assessment] = []
    counts: list[Int64s] = []
    of_log = np.zeros(len(given.at), np.intp)
    place: dict[int, int] = {}
    start = 0
    for places in by_minute(given):
        chunk = chunk_of(given, places, place, len(assessor.units))
        assessor.learn(chunk)
        groups = group(chunk)
        assessed.append(assessor.assess(history, groups))
        counts.append(groups.count)
        of_log[places] = start + groups.of_log
        start += len(groups)
    units = [assessor.units[unit] for each in assessed for unit in each.unit.tolist()]
    features = np.concatenate([each.features for each in assessed])
    return Walked(features, np.concatenate(counts), of_log, units)


def chunk_of(
    given: Stream, places: npt.NDArray[np.intp], place: dict[int, int], known: int
) -> Chunk:
    """Return a chunk of the logs at `places`; `place` maps a stream's units to the assessor's."""
    new: list[Unit] = []
    for unit in given.of_log[places].tolist():
        if unit not in place:
            place[unit] = known + len(new)
            new.append(given.units[unit])
    units = np.array([place[unit] for unit in given.of_log[places].tolist()], np.int32)
    return Chunk(places.astype(np.int64), given.at[places], units, new, False)
