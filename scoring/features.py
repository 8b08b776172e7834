"""The anomaly detector's features: few, named, each higher where a log is more unusual.

A *group* is what a chunk holds of one unit in one hour; all its logs share one verdict. Features
compare a group with the `History` of its template and source: what was scored before it, in the
order in which logs arrive.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scoring.levels import LEVELS, RANKS
from scoring.rows import Chunk, Int64s, Unit

HOUR = 3_600_000_000
"""Microseconds, the unit of all times here."""

FEATURES = (
    "novelty",
    "burst",
    "unseen_words",
    "error_probability",
    "warning_probability",
    "declared_severity",
    "level_gap",
)

MATURE_AFTER = 200
"""Logs of a source after which something new is more likely news than the source's own start."""

NOVELTY_HALVES_IN = 6.0
"""Hours in which a new template becomes half as new."""

FEW_LOGS = 50
"""Logs of a source beside which a burst is made up of few: two of two say less than fifty of a
hundred."""

Float32s = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


@dataclass
class Template:
    """What is known of a template before the group at hand."""

    first_seen_at: int
    count_logs: int = 0


@dataclass
class History:
    """All that was scored before: templates by (source, text), and logs by source."""

    templates: dict[tuple[str, str], Template] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Groups:
    """The `g` groups of a chunk.

    `of_log` [n] is the group of each log; the rest is by group: its `unit` number, `hour_at`,
    `count` of logs, index of its `first` and `last` log in the chunk, earliest and latest time.
    """

    of_log: npt.NDArray[np.intp]
    unit: npt.NDArray[np.int32]
    hour_at: Int64s
    count: Int64s
    first: npt.NDArray[np.intp]
    last: npt.NDArray[np.intp]
    first_at: Int64s
    last_at: Int64s

    def __len__(self) -> int:
        """Return the number of groups."""
        return len(self.unit)


@dataclass(frozen=True)
class Facts:
    """What the features of a group were computed from, for the reasons: one value per group.

    `count` logs of `source_count` that its source has in this hour of the chunk; `expected` is how
    many of those the template's share of all earlier logs of the source would make.
    """

    is_first: npt.NDArray[np.bool_]
    age_hours: Floats
    count_before: Int64s
    source_before: Int64s
    count: Int64s
    source_count: Int64s
    expected: Floats


def hour_of(logged_at: Int64s) -> Int64s:
    """Return the start of the hour of each time; an infinite time is its own hour."""
    limit = np.iinfo(np.int64)
    finite = (logged_at > limit.min) & (logged_at < limit.max)
    return np.where(finite, logged_at // HOUR * HOUR, logged_at)


def group(chunk: Chunk) -> Groups:
    """Return the groups of `chunk`."""
    hours = hour_of(chunk.logged_at)
    distinct, hour_number = np.unique(hours, return_inverse=True)
    pair = chunk.units.astype(np.int64) * len(distinct) + hour_number
    keys, first, of_log, count = np.unique(
        pair, return_index=True, return_inverse=True, return_counts=True
    )
    last = np.zeros(len(keys), np.intp)
    last[of_log] = np.arange(len(chunk))
    first_at = np.full(len(keys), np.iinfo(np.int64).max)
    np.minimum.at(first_at, of_log, chunk.logged_at)
    last_at = np.full(len(keys), np.iinfo(np.int64).min)
    np.maximum.at(last_at, of_log, chunk.logged_at)
    unit, hour_number = np.divmod(keys, max(len(distinct), 1))
    return Groups(
        of_log, unit.astype(np.int32), distinct[hour_number], count, first, last, first_at, last_at
    )


def observe(history: History, units: list[Unit], chunk: Chunk, groups: Groups) -> Facts:
    """Return what `history` says of each group, then add the groups to it."""
    source_before, source_count = source_logs(history, units, chunk, groups)
    size = len(groups)
    is_first = np.zeros(size, np.bool_)
    first_seen_at, count_before = np.zeros(size, np.int64), np.zeros(size, np.int64)
    order = np.argsort(groups.first, kind="stable").tolist()
    unit_of, count_of = groups.unit.tolist(), groups.count.tolist()
    first_at = groups.first_at.tolist()
    for at in order:
        source, _, text = units[unit_of[at]]
        template = history.templates.get((source, text))
        if template is None:
            template = Template(first_seen_at=first_at[at])
            history.templates[source, text] = template
            is_first[at] = True
        template.first_seen_at = min(template.first_seen_at, first_at[at])
        first_seen_at[at], count_before[at] = template.first_seen_at, template.count_logs
        template.count_logs += count_of[at]
    for unit, count in zip(*np.unique(chunk.units, return_counts=True), strict=True):
        source = units[unit].source
        history.sources[source] = history.sources.get(source, 0) + int(count)
    age = np.maximum(groups.last_at.astype(np.float64) - first_seen_at, 0) / HOUR
    expected = source_count * (count_before + 0.5) / (source_before + 1)
    return Facts(is_first, age, count_before, source_before, groups.count, source_count, expected)


def source_logs(
    history: History, units: list[Unit], chunk: Chunk, groups: Groups
) -> tuple[Int64s, Int64s]:
    """Return how many logs of its source came before the first log of each group, and how many the
    source has in the group's hour of the chunk."""
    names = sorted({units[unit].source for unit in groups.unit})
    number = {name: at for at, name in enumerate(names)}
    of_unit = np.zeros(int(groups.unit.max(initial=-1)) + 1, np.int64)
    for unit in np.unique(groups.unit):
        of_unit[unit] = number[units[unit].source]
    of_log = of_unit[chunk.units]
    before = np.zeros(len(groups), np.int64)
    of_group = of_unit[groups.unit]
    for name, at in number.items():
        mine = of_group == at
        places = np.flatnonzero(of_log == at)
        before[mine] = np.searchsorted(places, groups.first[mine]) + history.sources.get(name, 0)
    hours, hour_number = np.unique(groups.hour_at, return_inverse=True)
    place = of_group * len(hours) + hour_number
    return before, np.bincount(place, groups.count)[place].astype(np.int64)


def matrix(
    facts: Facts,
    declared_levels: list[str],
    probabilities: Float32s,
    unseen_share: Floats,
) -> Float32s:
    """Return the features [g, 7] of groups from their facts, declared levels, probabilities
    [g, 6] (zeros where a text says nothing of its level) and share of unseen words [g]."""
    maturity = facts.source_before / (facts.source_before + MATURE_AFTER)
    novelty = maturity * 0.5 ** (facts.age_hours / NOVELTY_HALVES_IN)
    # What came often is not news, however young.
    novelty /= 1.0 + np.log2(1.0 + facts.count_before)
    # More logs than the template's share of the past, and the more telling the larger a part of
    # the source's logs they are: a dump of many lines bursts in each of them, but little.
    part = facts.count / (facts.source_count + FEW_LOGS)
    burst = maturity * part**0.25 * np.log2((facts.count + 1) / (facts.expected + 1))
    declared_rank = np.array([RANKS.get(level, -1) for level in declared_levels])
    expected_rank = probabilities @ np.arange(len(LEVELS), dtype=np.float32)
    gap = np.where(declared_rank >= 0, expected_rank - declared_rank, 0)
    columns = (
        novelty,
        np.maximum(burst, 0),
        unseen_share,
        probabilities[:, RANKS["ERROR"] :].sum(axis=1),
        probabilities[:, RANKS["WARN"]],
        np.maximum(declared_rank - RANKS["INFO"], 0) / 3,
        np.maximum(gap, 0),
    )
    return np.column_stack(columns).astype(np.float32)
