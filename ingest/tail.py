"""Files that are being written, read as they grow, through rotation and truncation."""

import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ingest.detect import SAMPLE_LINES, detect
from ingest.entry import Entry
from ingest.errors import BadFile
from ingest.formats import format_named
from ingest.lines import LIMIT_BYTES, UTF8_MARK, decoded, is_compressed, refuse_other_than_text
from ingest.multiline import Assembler
from ingest.positions import NOWHERE, Position
from ingest.read import NOTE_BEFORE, Reading, settle, source_of
from ingest.rotation import after, find, hash_of, is_packed
from ingest.times import Times

POLL_BYTES = 4 * 1024 * 1024
"""Read at most in one poll, so that rows are committed as they come."""

QUIET_SECONDS = 1.0
"""Without a new line for so long, an entry that might go on in further lines is complete."""

ROTATED_SECONDS = 5.0
"""How long after its renaming, and after its last line, a file is left for the new one: daemons
write to the old one until they are told to open the new one."""

HEAD_BYTES = 1024
SAMPLE_BYTES = 256 * 1024
NOTE_NOW = "states no time: that of reading"


class EntryStream:
    """Lines that come bit by bit, put together into entries that lack nothing."""

    def __init__(
        self, name: str, source: str, reading: Reading, say: Callable[[str], None]
    ) -> None:
        """Read as told by `reading`; `source` is that of entries that name none."""
        self._name = name
        self._source = source
        self._reading = reading
        self._say = say
        self._times = Times(reading.zone)
        self._latest: datetime | None = None
        self._assembler: Assembler | None = None
        self._count_sampled = 0

    @property
    def is_open(self) -> bool:
        """Tell whether there is an entry that further lines may go on."""
        return self._assembler is not None and self._assembler.is_open

    @property
    def wants_sample(self) -> bool:
        """Tell whether the format should be looked for, again while few lines were seen."""
        return self._assembler is None or (not self.is_open and self._count_sampled < SAMPLE_LINES)

    def look_at(self, sample: list[bytes]) -> None:
        """Tell the format from the first lines."""
        self._times.refresh()
        lines = [decoded(raw) for raw in sample[:SAMPLE_LINES]]
        told = self._reading.format
        found = detect(lines, Times(self._reading.zone), format_named(told) if told else None)
        if self._assembler is None or found.format is not self._assembler.chosen:
            self._say(f"{self._name}: {found.format.title}")
            self._assembler = Assembler(found.format, self._times)
        self._count_sampled = len(lines)

    def push(self, raw: bytes) -> Entry | None:
        """Take a line; return the entry before it if that one is complete now."""
        if self._assembler is None:
            self.look_at([raw])
            return self.push(raw)
        return self._finished(self._assembler.push(decoded(raw)))

    def flush(self) -> Entry | None:
        """Return the entry that is open, as complete."""
        return self._finished(self._assembler.flush()) if self._assembler is not None else None

    def _finished(self, entry: Entry | None) -> Entry | None:
        if entry is None:
            return None
        self._times.refresh()
        if entry.logged_at is not None:
            self._latest = entry.logged_at
        else:
            entry.note(NOTE_BEFORE if self._latest else NOTE_NOW)
            entry.logged_at = self._latest or self._times.now
        settle(entry, self._source, self._reading)
        return entry


class GrowingFile:
    """An open file, from some byte on."""

    def __init__(self, path: Path, offset: int, stream: EntryStream) -> None:
        """Open `path` and go on at `offset`; BadFile if it is no log that can grow."""
        self.path = path
        self._stream = stream
        with path.open("rb") as file:
            head = file.read(8)
        refuse_other_than_text(str(path), head)
        if is_compressed(head):
            raise BadFile(f"{path} is compressed: it cannot grow; load it without --follow")
        self._file = path.open("rb")
        self._offset = offset or (len(UTF8_MARK) if head.startswith(UTF8_MARK) else 0)
        self._open_at: int | None = None
        # As read, not as it stands there later: it may be truncated and grow again between looks.
        self._head = os.pread(self._file.fileno(), min(HEAD_BYTES, self._offset), 0)
        self._last_line_at = time.monotonic()

    def close(self) -> None:
        """Close it; an entry that was not complete is read again next time."""
        self._file.close()

    def poll(self) -> list[Entry]:
        """Return the entries that are complete by now."""
        before = self._offset
        entries = self._read()
        if self._offset != before:
            self._last_line_at = time.monotonic()
        elif self.quiet_seconds >= QUIET_SECONDS:
            entries += self.flush()
        return entries

    def flush(self) -> list[Entry]:
        """Return the entry that is open, as complete."""
        self._open_at = None
        entry = self._stream.flush()
        return [] if entry is None else [entry]

    @property
    def quiet_seconds(self) -> float:
        """Seconds since the last line."""
        return time.monotonic() - self._last_line_at

    def place(self) -> Position:
        """Return up to where the entries given so far go."""
        status = os.fstat(self._file.fileno())
        offset = self._offset if self._open_at is None else self._open_at
        head = self._head[:offset]
        return Position(status.st_dev, status.st_ino, offset, len(head), hash_of(head))

    def is_at(self, path: Path) -> bool:
        """Tell whether `path` still names this file, or names none at all."""
        try:
            status = path.stat()
        except OSError:
            return True  # Renamed, and the new one not there yet.
        mine = os.fstat(self._file.fileno())
        return (status.st_dev, status.st_ino) == (mine.st_dev, mine.st_ino)

    def is_rewritten(self) -> bool:
        """Tell whether it shrank, or begins otherwise than it did."""
        if os.fstat(self._file.fileno()).st_size < self._offset:
            return True
        return os.pread(self._file.fileno(), len(self._head), 0) != self._head

    def _read(self) -> list[Entry]:
        entries: list[Entry] = []
        end = self._offset + POLL_BYTES
        self._file.seek(self._offset)
        while self._offset < end and (raw := self._file.readline(LIMIT_BYTES)):
            if raw[-1] != 10 and len(raw) < LIMIT_BYTES:
                break  # The line is still being written.
            if self._stream.wants_sample:
                head = os.pread(self._file.fileno(), SAMPLE_BYTES, 0).removeprefix(UTF8_MARK)
                self._stream.look_at(head.split(b"\n")[:-1] or [raw])
            entry = self._stream.push(raw)
            if entry is not None:
                entries.append(entry)
            if entry is not None or (self._open_at is None and self._stream.is_open):
                self._open_at = self._offset
            if self._offset < HEAD_BYTES:
                self._head = (self._head + raw)[:HEAD_BYTES]
            self._offset += len(raw)
        return entries


class Tail:
    """Reads what is appended to the file that a path names, whichever file that is."""

    def __init__(
        self, path: Path, reading: Reading, place: Position | None, say: Callable[[str], None]
    ) -> None:
        """Follow `path`, from `place` on where it was read before."""
        self.path = path
        self._reading = reading
        self._place = place
        self._say = say
        self._file: GrowingFile | None = None
        self._is_awaited = False
        self._replaced_at: float | None = None
        if path.is_fifo():
            raise BadFile(f"{path} is a pipe: follow it by python -m ingest --follow - < {path}")

    def poll(self) -> list[Entry]:
        """Return the entries that are complete by now."""
        if self._file is None:
            self._file = self._open()
        if self._file is None:
            return []
        if self._file.is_rewritten():
            self._say(f"{self.path} was truncated: reading it from its start")
            return self._leave(self._file, self._file.path)
        entries = self._file.poll()
        if self._is_left_behind(self._file):
            self._say(f"{self.path} was rotated: going on with the new file")
            entries += self._leave(self._file, self._successor(self._file))
        return entries

    def place(self) -> Position | None:
        """Return up to where the entries given so far go; None if there were none."""
        return self._file.place() if self._file is not None else self._place

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _is_left_behind(self, file: GrowingFile) -> bool:
        if file.is_at(self.path):
            self._replaced_at = None
            return False
        now = time.monotonic()
        self._replaced_at = self._replaced_at or now
        return min(now - self._replaced_at, file.quiet_seconds) >= ROTATED_SECONDS

    def _successor(self, file: GrowingFile) -> Path:
        """Return the file after this one: that at the path, unless it was rotated several times."""
        old = find(self.path, file.place())
        for path in [] if old is None else after(self.path, old):
            if not is_packed(path):
                return path
            self._say(f"{path} came between and is compressed: load it without --follow")
        return self.path

    def _leave(self, file: GrowingFile, successor: Path) -> list[Entry]:
        entries = file.flush()
        file.close()
        # At once, so that with these entries it is remembered that the old file is done.
        self._place = NOWHERE
        self._file = self._open(successor)
        return entries

    def _open(self, path: Path | None = None) -> GrowingFile | None:
        """Open `path`, by default where we were before, else the path that is followed."""
        place = None if self._place == NOWHERE else self._place
        path = path or self.path
        if place is not None and (path := find(self.path, place)) is None:
            self._say(
                f"{self.path} was replaced or truncated since byte {place.offset:,} was read, and "
                "the old file is not beside it: what followed there is not loaded"
            )
            place = None
        stream = EntryStream(str(self.path), source_of(self.path), self._reading, self._say)
        try:
            return GrowingFile(path or self.path, place.offset if place else 0, stream)
        except FileNotFoundError:
            if not self._is_awaited:
                self._say(f"{self.path} does not exist yet: waiting for it")
            self._is_awaited = True
            return None
        except OSError as exc:
            raise BadFile(f"{path} cannot be followed: {exc.strerror or exc}") from exc
