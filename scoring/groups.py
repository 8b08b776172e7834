"""Groups: what is judged at once, and what is written at once; knows no model.

What a chunk holds of one unit in a minute is judged at once, whether the chunk is such a batch
itself or hours of logs: a template is new for a minute, and a burst is one of a minute, in both.
Ordinary groups, nearly all, are then written by the hour, since the rollups are by the hour.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.rows import Chunk, Int64s

HOUR = 3_600_000_000
MINUTE = HOUR // 60
"""Microseconds, the unit of all times here. Of five minutes judged at once, fewer faults stand out
from what is ordinary (see docs/models.md)."""


def since_2000(day: str) -> int:
    """Return a day's beginning in microseconds since 2000-01-01 UTC, as PostgreSQL counts."""
    return int((np.datetime64(day) - np.datetime64("2000-01-01")) / np.timedelta64(1, "us"))


EARLIEST, END = since_2000("1990-01-01"), since_2000("2100-01-01")
"""Times outside are of wrong clocks: they share two partitions, without days."""

Float32s = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Groups:
    """The `g` groups of a chunk.

    `of_log` [n] is the group of each log; the rest is by group: its `unit` number, the time
    `began_at` of its minute, `count` of logs, index of its `first` and `last` log in the
    chunk, earliest and latest time.
    """

    of_log: npt.NDArray[np.intp]
    unit: npt.NDArray[np.int32]
    began_at: Int64s
    count: Int64s
    first: npt.NDArray[np.intp]
    last: npt.NDArray[np.intp]
    first_at: Int64s
    last_at: Int64s

    def __len__(self) -> int:
        """Return the number of groups."""
        return len(self.unit)

    @property
    def hour_at(self) -> Int64s:
        """Start of the hour of each group, [g]."""
        return start_of(HOUR, self.began_at)


def start_of(span: int, at: Int64s) -> Int64s:
    """Return the start of the span that each time is in; an infinite time is its own."""
    limit = np.iinfo(np.int64)
    finite = (at > limit.min) & (at < limit.max)
    return np.where(finite, at // span * span, at)


def is_dated(at: Int64s) -> npt.NDArray[np.bool_]:
    """Return which times are from EARLIEST on and before END."""
    return (at >= EARLIEST) & (at < END)


def group(chunk: Chunk) -> Groups:
    """Return the groups of `chunk`: one for each unit and minute, in the order of both."""
    minutes, number = np.unique(start_of(MINUTE, chunk.logged_at), return_inverse=True)
    pair = chunk.units.astype(np.int64) * len(minutes) + number
    # Numbers that hold their place as well are sorted in a tenth of the time that an order takes.
    places = np.sort(pair * len(chunk) + np.arange(len(chunk)))
    pair, order = np.divmod(places, max(len(chunk), 1))
    starts = starts_of_runs(pair)
    count = np.diff(starts, append=len(chunk))
    of_log = np.empty(len(chunk), np.intp)
    of_log[order] = np.repeat(np.arange(len(starts)), count)
    logged_at = chunk.logged_at[order]
    unit, number = np.divmod(pair[starts], max(len(minutes), 1))
    return Groups(
        *(of_log, unit.astype(np.int32), minutes[number], count),
        *(order[starts], order[starts + count - 1]),
        *(np.minimum.reduceat(logged_at, starts), np.maximum.reduceat(logged_at, starts)),
    )


def starts_of_runs(values: Int64s) -> npt.NDArray[np.intp]:
    """Return the places of `values` at which another one begins than stood before."""
    is_start = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=is_start[1:])
    return np.flatnonzero(is_start)


def by_the_hour(
    groups: Groups, is_anomaly: npt.NDArray[np.bool_], score: Float32s
) -> tuple[Groups, npt.NDArray[np.intp]]:
    """Return groups to write, and of each the judged group whose verdict it has.

    An anomaly stays as it was judged. Others of one unit and hour become one where they score
    alike, to a tenth, and have the highest of these scores.
    """
    hours, hour = np.unique(groups.hour_at, return_inverse=True)
    tenth = np.minimum((score * 10).astype(np.int64), 9)
    alone = np.where(is_anomaly, np.arange(1, len(groups) + 1), 0)
    pair = groups.unit.astype(np.int64) * len(hours) + hour
    alike = (pair * 10 + tenth) * (len(groups) + 1) + alone
    order = np.lexsort((-score, alike))
    starts = starts_of_runs(alike[order])
    count = np.diff(starts, append=len(groups))
    into = np.empty(len(groups), np.intp)
    into[order] = np.repeat(np.arange(len(starts)), count)
    whole = Groups(
        into[groups.of_log],
        groups.unit[order][starts],
        *(
            gather.reduceat(column[order], starts)
            for gather, column in (
                (np.minimum, groups.began_at),
                (np.add, groups.count),
                (np.minimum, groups.first),
                (np.maximum, groups.last),
                (np.minimum, groups.first_at),
                (np.maximum, groups.last_at),
            )
        ),
    )
    return whole, order[starts]
