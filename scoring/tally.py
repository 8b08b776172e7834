"""Anomalies of a run, counted by severity and source while they are at hand: to find them again
among millions of predictions would take seconds."""

from collections import Counter
from typing import Any

from scoring.judging import Judged
from scoring.verdict import SEVERITIES

MOST_SOURCES = 1_000
"""Names that are kept at most by severity: the sources of a batch may be without end."""

OTHERS = "(other sources)"


class Tally:
    """Counts of anomalous logs."""

    def __init__(self) -> None:
        """Start with none."""
        self._counts: dict[str, Counter[str]] = {severity: Counter() for severity in SEVERITIES}

    def add(self, judged: Judged) -> None:
        """Count the anomalies of a chunk."""
        groups, verdicts = judged.groups, judged.verdicts
        at = verdicts.is_anomaly
        columns = (verdicts.severity[at], groups.unit[at], groups.count[at])
        for severity, unit, count in zip(*(each.tolist() for each in columns), strict=True):
            counts, source = self._counts[SEVERITIES[severity]], judged.units[unit].source
            is_kept = source in counts or len(counts) < MOST_SOURCES
            counts[source if is_kept else OTHERS] += count

    def rows(self) -> list[dict[str, Any]]:
        """Return `severity`, `source` and `count_logs` of each, the worst first."""
        return [
            {"severity": severity, "source": source, "count_logs": count}
            for severity in reversed(SEVERITIES)
            for source, count in self._counts[severity].most_common()
        ]
