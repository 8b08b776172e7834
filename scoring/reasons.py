"""Why a group of logs is anomalous, in words and figures that a person reads."""

from collections.abc import Callable
from dataclasses import dataclass

from scoring.features import FEATURES, Facts


@dataclass(frozen=True)
class Case:
    """One group: its unit, what was found, and where its facts stand."""

    source: str
    declared_level: str
    level: str
    probabilities: list[float]
    unseen: list[str]
    facts: Facts
    at: int


def span(hours: float) -> str:
    """Return a length of time in the largest unit that fits: `4 minutes`, `3 days`."""
    for unit, size in (("day", 24.0), ("hour", 1.0), ("minute", 1 / 60)):
        if hours >= size:
            number = round(hours / size)
            return f"{number:,} {unit}{'s' if number != 1 else ''}"
    return "moments"


def novelty(case: Case) -> str:
    """Say when the pattern was first seen, and how often since."""
    before = int(case.facts.count_before[case.at])
    if not before:
        others = int(case.facts.source_before[case.at])
        return f"never seen before in {others:,} logs of {case.source[:80]}"
    age = float(case.facts.age_hours[case.at])
    return f"first seen {span(age)} earlier, {before:,} log{'s' if before != 1 else ''} since"


def burst(case: Case) -> str:
    """Say how many came in this minute and how many were expected."""
    count, of = int(case.facts.count[case.at]), int(case.facts.source_count[case.at])
    expected = float(case.facts.expected[case.at])
    return f"{count:,} of {of:,} logs of {case.source[:80]} in a minute, {expected:,.1f} expected"


def unseen_words(case: Case) -> str:
    """Name words that training never saw."""
    shown = ", ".join(dict.fromkeys(case.unseen[:5]))
    return f"words never seen in training: {shown}"


def level(case: Case) -> str:
    """Say what the text reads like."""
    return f"reads like {case.level} ({max(case.probabilities):.0%})"


def declared_severity(case: Case) -> str:
    """Say what the program itself declared."""
    return f"declared {case.declared_level}"


def level_gap(case: Case) -> str:
    """Say that the program declared less than the text reads like."""
    return f"declared {case.declared_level}, reads like {case.level}"


_SAY: dict[str, tuple[float, Callable[[Case], str]]] = {
    "novelty": (0.2, novelty),
    "burst": (0.5, burst),
    "unseen_words": (0.3, unseen_words),
    "error_probability": (0.4, level),
    "warning_probability": (0.5, level),
    "declared_severity": (0.3, declared_severity),
    "level_gap": (1.5, level_gap),
}
"""Feature to the value from which on it is worth saying, and what says it."""


def reasons(case: Case, values: list[float]) -> list[str]:
    """Return the reasons of one group from its feature `values`, in the order of FEATURES.

    When no feature stands out alone, the one that comes nearest to doing so is named.
    """
    shares = [value / _SAY[name][0] for name, value in zip(FEATURES, values, strict=True)]
    told = [name for name, share in zip(FEATURES, shares, strict=True) if share >= 1]
    if not told:
        told = [FEATURES[shares.index(max(shares))]]
    return list(dict.fromkeys(_SAY[name][1](case) for name in told))
