"""Logs without a prediction, read as chunks.

The driver hands out a row a call and takes the interpreter's lock for each, so reading beside other
threads is slow: a large window is read by a process of its own, which also finds the units, and
sends arrays. A small one is read in place, which spares the start of a process.
"""

import gc
import json
import pickle
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Any

from scoring.beside import ReadingProcess
from scoring.rows import HEADER, TRAILER, BadRow, Chunk, UnitTable
from sql.database import Database, connect
from sql.errors import DatabaseError

ROWS_A_CHUNK = 50_000
BYTES_A_CHUNK = 24 << 20
"""A chunk ends at whichever comes first, so that long messages do not swell memory. Each chunk
updates every template and hour that it touches; twice the rows would halve that, and take twice
the memory."""

FIRST_ROWS = 5_000
"""Logs of a batch's first chunk, so that writing begins early; each next one has twice as many."""

OWN_PROCESS_FROM = 100_000
"""Logs in the window from which on a process of its own is worth its 0.15 s."""

SCORED_A_LOG = 4
"""Predictions for each log of the window from which on looking up beats hashing: a look-up costs
about 1.2 µs, a hashed prediction 0.3."""


class RowSink:
    """Takes rows as the driver hands them out, and gives them on chunk by chunk.

    The first chunk has at most `first_rows`, each next one up to twice as many.
    """

    def __init__(
        self,
        emit: Callable[[Chunk], None],
        table: UnitTable | None = None,
        first_rows: int | None = None,
    ) -> None:
        """Call `emit` with each chunk, its units numbered by `table`."""
        self._emit, self._table = emit, table or UnitTable()
        self._rows: list[bytes] = []
        taking = self._take(first_rows or ROWS_A_CHUNK)
        next(taking)
        self.write: Callable[[bytes], None] = taking.send
        """Take one row. A generator goes on in half the time that a function takes to begin."""

    def _take(self, most_rows: int) -> Generator[None, bytes, None]:
        """Take rows; the stream's header comes with the first, its trailer alone at the end."""
        row = yield
        if row.startswith(HEADER):
            row = row[len(HEADER) :]
        while True:
            count_bytes = 0
            for _ in range(min(most_rows, ROWS_A_CHUNK)):
                if len(row) > len(TRAILER):
                    self._rows.append(row)
                    count_bytes += len(row)
                row = yield
                if count_bytes >= BYTES_A_CHUNK:
                    break
            self.flush()
            most_rows *= 2

    def flush(self) -> None:
        """Give on what was taken so far."""
        if self._rows:
            try:
                chunk = self._table.chunk(self._rows)
            except BadRow as exc:
                raise DatabaseError(str(exc)) from exc
            self._emit(chunk)
            self._rows.clear()


def read(database: Database, parameters: dict[str, Any], emit: Callable[[Chunk], None]) -> None:
    """Read the logs that `parameters` select and call `emit` with each chunk of them."""
    sink = RowSink(emit, first_rows=FIRST_ROWS)
    few_scored = parameters["count_scored"] < SCORED_A_LOG * parameters["count_logs"]
    with database.transaction():
        database.execute("logs.keep_order")
        database.execute("logs.join_by_hash" if few_scored else "logs.join_by_index")
        database.copy_out(parameters["statement"], sink, **parameters)
    sink.flush()


def main() -> None:
    """Read in a process of its own: what to read comes on standard input as JSON, since it holds a
    password; chunks go to standard output, pickled, then None, or the error as text."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Whoever reads us is gone: nothing to say.
    gc.disable()  # Nothing here refers to itself, and looking for it again and again takes time.
    given = sys.stdin.read()
    if not given:
        return  # Nothing is asked of us: the window was small, or whoever started us is gone.
    asked = json.loads(given)
    output = sys.stdout.buffer

    def emit(item: Chunk | str | None) -> None:
        pickle.dump(item, output, pickle.HIGHEST_PROTOCOL)
        output.flush()

    try:
        with closing(connect(asked["url"], "logkiln reader")) as database:
            read(database, asked["parameters"], emit)
        emit(None)
    except DatabaseError as exc:
        emit(str(exc))


def chunks_in_place(database: Database, parameters: dict[str, Any]) -> Iterator[Chunk]:
    """Yield the chunks of a small window, read whole."""
    found: list[Chunk] = []
    read(database, parameters, found.append)
    yield from found


def chunks(
    url: str,
    database: Database,
    parameters: dict[str, Any],
    ahead: ReadingProcess | None = None,
) -> Iterator[Chunk]:
    """Yield the chunks that `parameters` select, read in place on `database` or beside it, by the
    process that was started `ahead` if there is one."""
    if not parameters["count_logs"]:
        return iter(())
    if parameters["count_logs"] < OWN_PROCESS_FROM:
        return chunks_in_place(database, parameters)
    return (ahead or ReadingProcess()).chunks(url, parameters)


if __name__ == "__main__":
    main()
