"""Files into `log_entries`, one transaction each."""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, timedelta, tzinfo
from pathlib import Path

from ingest.entry import Entry
from ingest.errors import BadFile
from ingest.lines import Lines, open_lines, size_bytes
from ingest.loaded import FileLoaded, Loaded
from ingest.read import Log, Reading
from ingest.writer import write
from redaction.modes import OFF
from sql.database import Database
from sql.errors import DatabaseError
from sql.progress import Progress, progress

ENTRIES_PER_STEP = 1000
"""Entries between two moves of the progress bar."""


def tell(text: str) -> None:
    """Say something about the run on standard error; what is not printable is masked."""
    # A log, or a file's name, may hold what moves a terminal's cursor.
    print("".join(each if each.isprintable() else "\ufffd" for each in text), file=sys.stderr)


def load(
    database: Database,
    files: Sequence[Path],
    *,
    format: str | None = None,  # noqa: A002 - the option's name
    source: str | None = None,
    host: str | None = None,
    zone: tzinfo = UTC,
    shift: timedelta | None = None,
    redaction: str = OFF,
    say: Callable[[str], None] = tell,
) -> Loaded:
    """Load `files` (`-` is standard input) into `log_entries`; return what was loaded.

    `format`, `source` and `host` override what the lines say; `zone` is that of times that name
    none; `shift` is added to every time; `redaction` is a mode of `ingest.redact`. Each file is
    one transaction. A file that cannot be read to its end is among the `failures`, and nothing of
    it is written; the others are loaded.

    Raises BadOption for an unknown format, DatabaseError when the database is away, full or not
    migrated: then the files that were said to be loaded are, and no other.
    """

    def consume(entries: Iterable[Entry]) -> None:
        with database.transaction():
            write(database, entries)

    return _each(files, Reading(format, source, host, zone, shift, redaction), consume, say)


def survey(files: Sequence[Path], reading: Reading, say: Callable[[str], None] = tell) -> Loaded:
    """Read `files` as `load` would, and write nothing."""
    return _each(files, reading, _drop, say)


def _drop(entries: Iterable[Entry]) -> None:
    deque(entries, maxlen=0)


def _each(
    files: Sequence[Path],
    reading: Reading,
    consume: Callable[[Iterable[Entry]], None],
    say: Callable[[str], None],
) -> Loaded:
    loaded = Loaded()
    for path in files:
        try:
            done = _one(path, reading, consume, say)
        except BadFile as exc:
            loaded.failures[path] = str(exc)
        except DatabaseError as exc:
            if type(exc) is not DatabaseError:
                raise  # Away, full, not migrated: the next file would fare no better.
            loaded.failures[path] = f"{path}: nothing of it was loaded: {exc}"
        else:
            loaded.files.append(done)
            say(done.summary())
            continue
        say(loaded.failures[path])
    return loaded


def _one(
    path: Path,
    reading: Reading,
    consume: Callable[[Iterable[Entry]], None],
    say: Callable[[str], None],
) -> FileLoaded:
    with open_lines(path) as lines:
        log = Log(lines, path, reading)
        found = log.detection
        told = "as told" if reading.format else "detected"
        say(
            f"{lines.name}: {found.format.title} ({told}; reads {found.share:.0%} of the first "
            f"{found.count_lines} lines)"
        )
        done = FileLoaded(path, found.format.name)
        with progress(size_bytes(path), "bytes") as bar:
            consume(_watched(log, done, lines, bar))
        done.count_ahead = log.times.count_ahead
    return done


def _watched(log: Log, done: FileLoaded, lines: Lines, bar: Progress) -> Iterator[Entry]:
    """Pass the entries on, counting them and moving the bar by the bytes read."""
    position = 0
    for number, entry in enumerate(log):
        done.count(entry)
        if number % ENTRIES_PER_STEP == 0:
            before, position = position, lines.position()
            bar.advance(position - before)
        yield entry
