"""`--follow`: files and standard input into `log_entries` while they are being written.

Every line is loaded once, also when this process, or the server, is killed in the middle: see
`positions`. Of standard input that holds as long as this process lives.
"""

import os
import select
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import BinaryIO

from ingest.entry import Entry
from ingest.lines import LIMIT_BYTES, STREAM
from ingest.positions import Places, Positions
from ingest.read import Reading, source_of
from ingest.spill import print_entries
from ingest.tail import QUIET_SECONDS, EntryStream, Tail
from ingest.writer import write
from sql.database import Database
from sql.errors import DatabaseError

POLL_SECONDS = 0.5
LONGEST_PAUSE = 30.0
"""Seconds between attempts to reach a database that is away."""

Say = Callable[[str], None]


class StreamTail:
    """Reads standard input, or another pipe, as it comes."""

    def __init__(self, stream: BinaryIO, reading: Reading, say: Say) -> None:
        """Read `stream`."""
        self._descriptor = stream.fileno()
        self._stream = EntryStream("standard input", source_of(STREAM), reading, say)
        self._rest = b""
        self._last_line_at = time.monotonic()
        self.is_ended = False

    def poll(self) -> list[Entry]:
        """Return the entries that are complete by now, without waiting for more."""
        found: list[Entry | None] = []
        while not self.is_ended and select.select([self._descriptor], [], [], 0)[0]:
            raw = os.read(self._descriptor, 1 << 20)
            self.is_ended = not raw
            *lines, self._rest = (self._rest + raw).split(b"\n")
            if self.is_ended or len(self._rest) > LIMIT_BYTES:
                lines, self._rest = [*lines, self._rest], b""
            if lines and self._stream.wants_sample:
                self._stream.look_at(lines)
            found += [self._stream.push(line) for line in lines]
            self._last_line_at = time.monotonic()
            if len(found) > 10_000:
                break
        if self.is_ended or time.monotonic() - self._last_line_at > QUIET_SECONDS:
            found.append(self._stream.flush())
        return [entry for entry in found if entry is not None]


class Follower:
    """Commits what the tails give, with the positions, again and again until told to stop."""

    def __init__(
        self, connect: Callable[[], Database], positions: Positions, stop: threading.Event, say: Say
    ) -> None:
        """Connect by `connect`, now and whenever the connection was lost."""
        self._connect = connect
        self._positions = positions
        self._stop = stop
        self._say = say
        self._database: Database | None = connect()
        positions.settle(self._database)
        self.count_entries = 0

    def commit(self, entries: list[Entry], places: Places) -> bool:
        """Load `entries` and remember `places`; try until it is done, or stopping is asked for."""
        pause = POLL_SECONDS
        while True:
            try:
                self._attempt(entries, places)
            except DatabaseError as exc:
                if type(exc) is DatabaseError:
                    raise  # It refuses these very rows: it always will.
                if pause == POLL_SECONDS:
                    self._say(f"logs wait for the database: {exc}")
                self.close()
            else:
                self.count_entries += len(entries)
                return True
            if self._stop.wait(pause):
                return False
            pause = min(2 * pause, LONGEST_PAUSE)

    def _attempt(self, entries: list[Entry], places: Places) -> None:
        if self._database is None:
            self._database = self._connect()
            if self._positions.settle(self._database):
                return  # The connection was lost after all when it had been committed.
        with self._database.transaction():
            write(self._database, entries)
            self._positions.prepare(places, self._database.value("ingest.transaction_id"))
        self._positions.committed()

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._database is not None:
            self._database.close()
            self._database = None


def follow(
    connect: Callable[[], Database],
    files: Sequence[Path],
    reading: Reading,
    state: Path,
    stop: threading.Event,
    say: Say,
    standard_input: BinaryIO | None = None,
) -> int:
    """Load `files` from where they were read up to, and what is appended, until `stop` is set.

    Returns the number of entries loaded. Ends by itself only when all that is followed is
    `standard_input`, and that ends. Raises BadFile for what cannot be followed, BadOption if
    `state`, which remembers the positions, is in use, DatabaseError if rows are refused.
    """
    with ExitStack() as cleanup:
        positions = cleanup.enter_context(closing(Positions(state, say)))
        follower = cleanup.enter_context(closing(Follower(connect, positions, stop, say)))
        tails: dict[str, Tail] = {}
        for path in files:
            key = str(path.absolute())
            tail = Tail(path, reading, positions.places.get(key), say)
            tails[key] = cleanup.enter_context(closing(tail))
        stream = StreamTail(standard_input, reading, say) if standard_input else None
        while not stop.is_set():
            if not _round(follower, tails, stream):
                if stream is not None and stream.is_ended and not tails:
                    break
                stop.wait(POLL_SECONDS)
        positions.finish()
    return follower.count_entries


def _round(follower: Follower, tails: dict[str, Tail], stream: StreamTail | None) -> bool:
    """Commit what is new; return whether anything was."""
    entries = [entry for tail in tails.values() for entry in tail.poll()]
    streamed = stream.poll() if stream is not None else []
    if not entries and not streamed:
        return False
    places = {key: place for key, tail in tails.items() if (place := tail.place()) is not None}
    if not follower.commit(entries + streamed, places):
        print_entries(streamed)  # What is in files is read again next time.
    return True
