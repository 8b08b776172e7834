"""Up to where followed files were loaded, so that a restart neither loses nor repeats a line.

The positions are written to a file while the transaction that holds the rows is still open, with
that transaction's number, and the one before beside them. After a crash the server tells whether
the transaction was committed, and with that which of the two holds.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ingest.errors import BadOption
from sql.database import Database
from sql.errors import DatabaseError, Unreachable

LONGEST_WAIT = 60.0
"""Seconds to wait for the server to notice that the client of a transaction is gone."""


@dataclass(frozen=True)
class Position:
    """Which file, by device, inode and the hash of its first bytes, and up to which byte."""

    device: int
    inode: int
    offset: int
    head_bytes: int
    head_hash: str


NOWHERE = Position(0, 0, 0, 0, "")
"""Of a path whose file was read to its end and has no successor yet."""

Places = dict[str, Position]
"""Absolute path to position."""


class Positions:
    """The file that remembers; one process at a time."""

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        """Read `path`, or begin with nothing; BadOption if another process uses it."""
        self._path = path
        self._say = say
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = path.with_name(path.name + ".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            self._lock.close()
            raise BadOption(
                f"another process follows with {path}; give this one its own --state FILE"
            ) from exc
        try:
            self.places, self._pending, self._transaction = self._read()
        except BadOption:
            self._lock.close()
            raise

    def close(self) -> None:
        """Let another process use the file."""
        self._lock.close()

    def _read(self) -> tuple[Places, Places, str | None]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            places, pending = _places(found["places"]), _places(found["pending"])
            return places, pending, found["transaction"]
        except FileNotFoundError:
            return {}, {}, None
        except (ValueError, KeyError, TypeError) as exc:
            raise BadOption(
                f"{self._path} is not what --follow writes ({exc}): name another file by --state, "
                "or remove it to load all files from their start"
            ) from exc

    def settle(self, database: Database) -> bool:
        """Find out whether the pending positions hold; return whether they do."""
        if self._transaction is None:
            return False
        status = self._status(database, self._transaction)
        if status is None:
            self._say("the last transaction is not known here: some lines may be loaded twice")
        return self._decide(status == "committed")

    def _status(self, database: Database, transaction: str) -> str | None:
        until = time.monotonic() + LONGEST_WAIT
        while True:
            try:
                with database.transaction():
                    status: str | None = database.value(
                        "ingest.transaction_status", transaction_id=transaction
                    )
            except Unreachable:
                raise
            except DatabaseError:
                return None  # A number that this server has not reached: another database.
            if status != "in progress" or time.monotonic() > until:
                return status
            time.sleep(0.2)

    def prepare(self, places: Places, transaction: str) -> None:
        """Write down `places`, which hold once `transaction` is committed."""
        self._pending, self._transaction = self.places | places, transaction
        self._write()

    def committed(self) -> None:
        """Take note that the prepared positions hold."""
        self._decide(True)

    def finish(self) -> None:
        """Write down what holds, for a start that need not ask."""
        self._write()

    def _decide(self, is_committed: bool) -> bool:
        if is_committed:
            self.places = self._pending
        self._pending, self._transaction = {}, None
        return is_committed

    def _write(self) -> None:
        content = {
            "places": {path: asdict(place) for path, place in self.places.items()},
            "pending": {path: asdict(place) for path, place in self._pending.items()},
            "transaction": self._transaction,
        }
        draft = self._path.with_name(self._path.name + ".new")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)


def _places(found: dict[str, dict[str, Any]]) -> Places:
    return {path: Position(**place) for path, place in found.items()}
