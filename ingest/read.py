"""One log from its bytes to entries that lack nothing: format, time and source are settled."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import chain
from pathlib import Path

from ingest.detect import Detection, detect, sample
from ingest.entry import Entry
from ingest.formats import format_named
from ingest.lines import STREAM, Lines
from ingest.multiline import Assembler
from ingest.redact import redact
from ingest.times import Times
from redaction.modes import OFF

HELD_CHARACTERS = 4 * 1024 * 1024
"""Text held back at most while no line has said a time yet."""

NOTE_BEFORE = "states no time: that of the entry before"
NOTE_AFTER = "states no time: that of the first entry that does"
NOTE_FILE = "states no time: that of the file"
NOTE_UNSHIFTED = "time too far off to be shifted"

_SUFFIX = re.compile(r"(?:\.(?:gz|bz2|xz|log|txt|jsonl?|out|err|\d{1,3})|[-.]\d{8})\Z")


@dataclass(frozen=True)
class Reading:
    """How logs are to be read; None leaves it to what the lines say."""

    format: str | None = None
    source: str | None = None
    host: str | None = None
    zone: tzinfo = UTC
    shift: timedelta | None = None
    redaction: str = OFF


def source_of(path: Path) -> str:
    """Return the file's name without what says how it is stored: `web.log.1.gz` gives `web`."""
    if path == STREAM:
        return "stdin"
    name = path.name
    while (shorter := _SUFFIX.sub("", name)) not in ("", name):
        name = shorter
    return name


class Log:
    """An open log: its detected format at once, its entries by iterating."""

    def __init__(self, lines: Lines, path: Path, reading: Reading) -> None:
        """Look at the first lines; BadFile if they cannot be read, BadOption for a wrong format."""
        self._reading = reading
        self._source = source_of(path)
        self._lines = lines
        self._sample = sample(lines)
        self.times = Times(reading.zone, lines.written_at)
        self.detection = self._detect()

    def _detect(self) -> Detection:
        # A reader of its own: what it counts of the sample is counted again on the way in.
        times = Times(self._reading.zone, self._lines.written_at)
        name = self._reading.format
        return detect(self._sample, times, format_named(name) if name else None)

    def __iter__(self) -> Iterator[Entry]:
        """Yield the entries in the order of the log, each with a time and a source."""
        for entry in self._timed():
            settle(entry, self._source, self._reading)
            yield entry

    def _timed(self) -> Iterator[Entry]:
        """Give each entry that states no time that of a neighbour, or of the file."""
        latest: datetime | None = None
        held: list[Entry] = []
        length = 0
        for entry in self._assembled():
            if entry.logged_at is not None:
                if held:
                    yield from _dated(held, entry.logged_at, NOTE_AFTER)
                    held = []
                latest = entry.logged_at
            elif latest is not None:
                entry.logged_at = latest
                entry.note(NOTE_BEFORE)
            else:
                held.append(entry)
                length += len(entry.message)
                if length > HELD_CHARACTERS:
                    latest = self.times.reference
                    yield from _dated(held, latest, NOTE_FILE)
                    held = []
                continue
            yield entry
        yield from _dated(held, self.times.reference, NOTE_FILE)

    def _assembled(self) -> Iterator[Entry]:
        assembler = Assembler(self.detection.format, self.times)
        for line in chain(self._sample, self._lines):
            if entry := assembler.push(line):
                yield entry
        if entry := assembler.flush():
            yield entry


def _dated(entries: list[Entry], moment: datetime, note: str) -> list[Entry]:
    for entry in entries:
        entry.logged_at = moment
        entry.note(note)
    return entries


def settle(entry: Entry, source: str, reading: Reading) -> None:
    """Give a complete entry what is told for all of its log; `source`: where it names none."""
    entry.source = reading.source or entry.source or source
    if reading.host is not None:
        entry.host = reading.host
    if reading.shift is not None:
        _shift(entry, reading.shift)
    redact(entry, reading.redaction)


def _shift(entry: Entry, shift: timedelta) -> None:
    if entry.logged_at is not None:
        try:
            entry.logged_at += shift
        except OverflowError:
            entry.note(NOTE_UNSHIFTED)
