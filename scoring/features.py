"""The anomaly detector's features: few, named, each higher where a log is more unusual.

They compare a group with the `History` of its template and source: what was scored before, and
what its chunk holds of earlier times.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from scoring.groups import EARLIEST, HOUR, Groups, is_dated
from scoring.levels import LEVELS, RANKS
from scoring.rows import Int64s, Unit

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
MATURE_IN = 0.5
"""Logs of a source, or hours, after which something new is more likely news than the source's own
start. By logs alone, one that says little would stay new for days."""

NOVELTY_HALVES_IN = 6.0
"""Hours in which a new template becomes half as new."""

FEW_LOGS = 50
"""Logs of a source beside which a burst is made up of few: two of two say less than fifty of a
hundred."""

BY_CHANCE = 2
"""Logs that may come beyond what is expected and mean little."""

DETAIL = 0.6
"""What news and bursts weigh of what programs say only when asked for details, DEBUG and TRACE: to
turn them on brings much that is new and nothing that is wrong."""

LATEST = np.iinfo(np.int64).max
"""When what has no beginning yet began."""

Float32s = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

Name = TypeVar("Name", bound=Hashable)


class Seen(NamedTuple):
    """What is known of a template or a source before the group at hand."""

    first_at: int
    count_logs: int


@dataclass
class History:
    """All that was scored before: templates by (source, text), and sources."""

    templates: dict[tuple[str, str], Seen] = field(default_factory=dict)
    sources: dict[str, Seen] = field(default_factory=dict)

    def keep(self, earlier: "History", units: list[Unit]) -> None:
        """Take over what an `earlier` history knows of templates and sources of `units` that this
        one does not know yet."""
        for source, _, text in units:
            if (source, text) in earlier.templates:
                self.templates.setdefault((source, text), earlier.templates[source, text])
            if source in earlier.sources:
                self.sources.setdefault(source, earlier.sources[source])


@dataclass(frozen=True)
class Facts:
    """What the features of a group were computed from, for the reasons: one value per group.

    `count` logs of `source_count` that its source has in this minute of the chunk;
    `expected` is how many of those the template's share of all earlier logs of the source would
    make.
    """

    age_hours: Floats
    count_before: Int64s
    source_hours: Floats
    source_before: Int64s
    count: Int64s
    source_count: Int64s
    expected: Floats


def observe(history: History, units: list[Unit], groups: Groups) -> Facts:
    """Return what `history` and earlier groups say of each group, then add all to `history`."""
    present, of_group = np.unique(groups.unit, return_inverse=True)
    here = [units[unit] for unit in present.tolist()]
    sources, source_of = numbered(unit.source for unit in here)
    templates, template_of = numbered((unit.source, unit.text) for unit in here)
    source, template = source_of[of_group], template_of[of_group]

    age_hours, count_before = remember(history.templates, templates, template, groups)
    count_before += logs_of_earlier(template, groups)
    dated = of_right_clocks(groups)
    source_hours, source_before = remember(history.sources, sources, source, dated)
    minute = minutes_of(source, groups)
    source_before += logs_before(source, minute, groups)
    source_count = logs_beside(minute, groups)
    expected = source_count * (count_before + 0.5) / (source_before + 1)
    return Facts(
        *(age_hours, count_before, source_hours, source_before),
        *(groups.count, source_count, expected),
    )


def of_right_clocks(groups: Groups) -> Groups:
    """Return the groups, of which those of wrong clocks begin nothing and have no age: one log of
    1970, said before the clock was set, would make a new source decades old."""
    is_right = is_dated(groups.began_at)
    return replace(
        groups,
        first_at=np.where(is_right, groups.first_at, LATEST),
        last_at=np.where(is_right, groups.last_at, EARLIEST),
    )


def remember(
    known: dict[Name, Seen], names: list[Name], kind: Places, groups: Groups
) -> tuple[Floats, Int64s]:
    """Return of each group's name, `names[kind]`, how many hours before the group's last log it
    first came, and how many logs were known of it; then add the groups to what is known."""
    before = [known.get(name, Seen(LATEST, 0)) for name in names]
    first_at = np.array([each.first_at for each in before], np.int64)
    np.minimum.at(first_at, kind, groups.first_at)
    count_logs = np.array([each.count_logs for each in before], np.int64)
    count_known = count_logs[kind]
    np.add.at(count_logs, kind, groups.count)
    known.update(zip(names, map(Seen, first_at.tolist(), count_logs.tolist()), strict=True))
    hours = np.maximum(groups.last_at.astype(np.float64) - first_at[kind], 0) / HOUR
    return hours, count_known


def numbered(names: Iterable[Name]) -> tuple[list[Name], Places]:
    """Return the distinct names, and the place of each given one among them."""
    places: dict[Name, int] = {}
    found = [places.setdefault(name, len(places)) for name in names]
    return list(places), np.array(found, np.intp)


def minutes_of(kind: Places, groups: Groups) -> Places:
    """Return a number for the kind [g] and the minute of each group, rising with both, [g]."""
    minutes, number = np.unique(groups.began_at, return_inverse=True)
    found: Places = np.unique(kind * len(minutes) + number, return_inverse=True)[1]
    return found


def logs_of_earlier(kind: Places, groups: Groups) -> Int64s:
    """Return how many logs the earlier groups of the same kind [g] have, [g]: those of earlier
    minutes, and those that began earlier in the same."""
    order = np.argsort(minutes_of(kind, groups) * len(groups.of_log) + groups.first)
    sums = np.cumsum(groups.count[order]) - groups.count[order]
    earlier = np.empty(len(groups), np.int64)
    earlier[order] = sums - sums[starts_of(kind)][kind[order]]
    return earlier


def logs_before(kind: Places, minute: Places, groups: Groups) -> Int64s:
    """Return how many logs of the same kind [g] come before the first one of each group, [g]: those
    of earlier minutes, and earlier ones of the same; `minute` [g] is that of kind and group."""
    # Numbers of 16 bits at most are sorted by their digits, in a fifth of the time.
    narrow = minute.astype(np.min_scalar_type(len(groups)))
    order = np.argsort(narrow[groups.of_log], kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return place[groups.first] - starts_of(kind, groups.count)[kind]


def starts_of(kind: Places, sizes: Int64s | None = None) -> Int64s:
    """Return where each kind begins once `kind`, each of a size or 1, is in order."""
    sizes = np.bincount(kind, sizes).astype(np.int64)
    starts: Int64s = np.cumsum(sizes) - sizes
    return starts


def logs_beside(minute: Places, groups: Groups) -> Int64s:
    """Return how many logs each group's `minute` [g], of one kind, has, [g]."""
    return np.bincount(minute, groups.count)[minute].astype(np.int64)


def matrix(
    facts: Facts,
    declared_rank: Places,
    probabilities: Float32s,
    unseen_share: Floats,
) -> Float32s:
    """Return the features [g, 7] of groups from their facts, declared levels as indices into
    LEVELS [g] (-1: none), probabilities [g, 6] (zeros where a text says nothing of its level) and
    share of unseen words [g]."""
    maturity = np.maximum(
        facts.source_before / (facts.source_before + MATURE_AFTER),
        facts.source_hours / (facts.source_hours + MATURE_IN),
    )
    novelty = maturity * 0.5 ** (facts.age_hours / NOVELTY_HALVES_IN)
    # What came often is not news, however young.
    novelty /= 1.0 + np.log2(1.0 + facts.count_before)
    # More logs than the template's share of the past, and the more telling the larger a part of
    # the source's logs they are: a dump of many lines bursts in each of them, but little.
    part = facts.count / (facts.source_count + FEW_LOGS)
    more = (facts.count + BY_CHANCE) / (facts.expected + BY_CHANCE)
    burst = maturity * part**0.25 * np.log2(more)
    is_detail = (declared_rank >= 0) & (declared_rank <= RANKS["DEBUG"])
    weight = np.where(is_detail, DETAIL, 1.0)
    expected_rank = probabilities @ np.arange(len(LEVELS), dtype=np.float32)
    gap = np.where(declared_rank >= 0, expected_rank - declared_rank, 0)
    columns = (
        novelty * weight,
        np.maximum(burst, 0) * weight,
        unseen_share,
        probabilities[:, RANKS["ERROR"] :].sum(axis=1),
        probabilities[:, RANKS["WARN"]],
        np.maximum(declared_rank - RANKS["INFO"], 0) / 3,
        np.maximum(gap, 0),
    )
    return np.column_stack(columns).astype(np.float32)
