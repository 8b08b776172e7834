"""Logs that lie in files, walked as the batch would, minute after minute, to their features."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scoring.features import History
from scoring.groups import group
from scoring.recall import EPOCH_SECONDS
from scoring.rows import Chunk, Int64s, Unit
from scoring.verdict import Assessor


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


def walk(given: Stream, assessor: Assessor, history: History) -> Walked:
    """Return the features of every group of a stream, and add the stream to `history`."""
    units = given.of_log + np.int32(len(assessor.units))
    chunk = Chunk(np.arange(len(given.at)), given.at, units, given.units, False)
    assessor.learn(chunk)
    groups = group(chunk)
    features = assessor.assess(history, groups).features
    named = [assessor.units[unit] for unit in groups.unit.tolist()]
    return Walked(features, groups.count, groups.of_log, named)
