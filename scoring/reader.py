"""Logs without a prediction, read as chunks.

The driver hands out a row a call and takes the interpreter's lock for each, so reading beside other
threads is slow: a large window is read by a process of its own, which also finds the units, and
sends arrays. A small one is read in place, which spares the start of a process.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from scoring.encode import HEADER, TRAILER
from scoring.rows import BadRow, Chunk, UnitTable
from sql.database import Database, connect
from sql.errors import DatabaseError

ROWS_A_CHUNK = 50_000
BYTES_A_CHUNK = 24 << 20
"""A chunk ends at whichever comes first, so that long messages do not swell memory. Each chunk
updates every template and hour that it touches; twice the rows would halve that, and take twice
the memory."""

OWN_PROCESS_FROM = 100_000
"""Logs in the window from which on a process of its own is worth its 0.2 s."""


SCORED_A_LOG = 4
"""Predictions for each log of the window from which on looking up beats hashing: a look-up costs
about 1.2 µs, a hashed prediction 0.3."""


class ReaderDied(DatabaseError):
    """The reading process ended without saying that it was done."""


@dataclass
class RowSink:
    """Takes rows as the driver hands them out, and gives them on chunk by chunk."""

    emit: Callable[[Chunk], None]
    table: UnitTable = field(default_factory=UnitTable)
    rows: list[bytes] = field(default_factory=list)
    count_bytes: int = 0

    def write(self, row: bytes) -> None:
        """Take one row; the stream's header comes with the first, its trailer alone at the end."""
        if row.startswith(HEADER[:11]):
            row = row[len(HEADER) :]
        if row == TRAILER or not row:
            return
        self.rows.append(row)
        self.count_bytes += len(row)
        if len(self.rows) >= ROWS_A_CHUNK or self.count_bytes >= BYTES_A_CHUNK:
            self.flush()

    def flush(self) -> None:
        """Give on what was taken so far."""
        if self.rows:
            try:
                chunk = self.table.chunk(self.rows)
            except BadRow as exc:
                raise DatabaseError(str(exc)) from exc
            self.emit(chunk)
            self.rows.clear()
            self.count_bytes = 0


def read(database: Database, parameters: dict[str, Any], emit: Callable[[Chunk], None]) -> None:
    """Read the logs that `parameters` select and call `emit` with each chunk of them."""
    sink = RowSink(emit)
    few_scored = parameters["count_scored"] < SCORED_A_LOG * parameters["count_logs"]
    with database.transaction():
        database.execute("logs.keep_order")
        database.execute("logs.join_by_hash" if few_scored else "logs.join_by_index")
        database.copy_out(parameters["statement"], sink, **parameters)
    sink.flush()


def child(url: str, parameters: dict[str, Any], pipe: Connection) -> None:
    """Read in a process of its own: chunks into the pipe, then None, or the error as text."""
    try:
        database = connect(url, "logkiln reader")
        read(database, parameters, pipe.send)
        pipe.send(None)
    except DatabaseError as exc:
        pipe.send(str(exc))
    except BrokenPipeError:
        return  # The batch is gone, and with it whoever would read an error.


def chunks_of_child(url: str, parameters: dict[str, Any]) -> Iterator[Chunk]:
    """Yield the chunks that a reading process sends; raise what it reports."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=child, args=(url, parameters, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        while (item := ours.recv()) is not None:
            if isinstance(item, str):
                raise DatabaseError(item)
            yield item
    except EOFError as exc:
        process.join(5)
        raise ReaderDied(
            f"the reading process ended early (exit code {process.exitcode}); "
            "what was scored so far is kept: run again"
        ) from exc
    finally:
        ours.close()
        process.terminate()
        process.join(5)


def chunks_in_place(database: Database, parameters: dict[str, Any]) -> Iterator[Chunk]:
    """Yield the chunks of a small window, read whole."""
    found: list[Chunk] = []
    read(database, parameters, found.append)
    yield from found


def chunks(url: str, database: Database, parameters: dict[str, Any]) -> Iterator[Chunk]:
    """Yield the chunks that `parameters` select, read in place on `database` or beside it."""
    if not parameters["count_logs"]:
        return iter(())
    if parameters["count_logs"] < OWN_PROCESS_FROM:
        return chunks_in_place(database, parameters)
    return chunks_of_child(url, parameters)
