"""What a load did, in numbers."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.entry import Entry

SLACK = timedelta(minutes=5)
"""How far a clock may be ahead of ours without being mentioned."""

LIMIT_KEYS = 1000
"""Distinct sources and reasons that are counted by name; hostile logs would have no end of them."""


@dataclass
class FileLoaded:
    """What was loaded of one file.

    `format` is the detected one; `by_format` counts entries by the one each was read as (a line
    that was not read counts as `plain`). Times are those that went into the table.
    """

    path: Path
    format: str
    count_lines: int = 0
    count_entries: int = 0
    count_unparsed: int = 0
    by_format: Counter[str] = field(default_factory=Counter)
    by_source: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    first_at: datetime | None = None
    last_at: datetime | None = None
    count_ahead: int = 0

    def count(self, entry: Entry) -> None:
        """Count one entry."""
        self.count_lines += entry.count_lines
        self.count_entries += 1
        self.by_format[entry.format] += 1
        _count_up(self.by_source, entry.source or "")
        if entry.error is not None:
            self.count_unparsed += 1
            _count_up(self.reasons, entry.error)
        moment = entry.logged_at
        if moment is not None:
            if self.first_at is None or moment < self.first_at:
                self.first_at = moment
            if self.last_at is None or moment > self.last_at:
                self.last_at = moment

    def summary(self) -> str:
        """Return the file's counts in a sentence, with what a person should look at."""
        text = f"{self.path}: {self.count_entries:,} entries from {self.count_lines:,} lines"
        if self.count_entries:
            text += f", {self.first_at:%Y-%m-%d %H:%M:%S} to {self.last_at:%Y-%m-%d %H:%M:%S %Z}"
        if self.count_unparsed:
            reason, count = self.reasons.most_common(1)[0]
            text += (
                f"; {self.count_unparsed:,} not understood, kept with the reason in "
                f"attributes->>'ingest_error' ({count:,} × {reason})"
            )
        ahead = self.last_at is not None and self.last_at > datetime.now(UTC) + SLACK
        if self.count_ahead or ahead:
            text += "; times lie ahead of now: is --timezone right?"
        return text


def _count_up(counter: Counter[str], key: str) -> None:
    counter[key if len(counter) < LIMIT_KEYS or key in counter else "(others)"] += 1


@dataclass
class Loaded:
    """What was loaded of all files; `failures` has a sentence for each that was not."""

    files: list[FileLoaded] = field(default_factory=list)
    failures: dict[Path, str] = field(default_factory=dict)

    @property
    def count_entries(self) -> int:
        """Rows written."""
        return sum(each.count_entries for each in self.files)

    @property
    def count_unparsed(self) -> int:
        """Rows among them whose text was not understood and is kept as it was."""
        return sum(each.count_unparsed for each in self.files)

    @property
    def count_lines(self) -> int:
        """Lines that are not blank."""
        return sum(each.count_lines for each in self.files)

    @property
    def by_format(self) -> Counter[str]:
        """Rows by the format that their line was read as."""
        return sum((each.by_format for each in self.files), Counter())

    @property
    def by_source(self) -> Counter[str]:
        """Rows by source."""
        return sum((each.by_source for each in self.files), Counter())

    @property
    def last_at(self) -> datetime | None:
        """The newest time written."""
        return max((each.last_at for each in self.files if each.last_at), default=None)
