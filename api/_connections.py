"""The process's few connections to the database, kept between requests.

The host freezes the process between requests and the database drops who is silent for long, so any
kept connection may be dead: the first failure throws all of them away and asks once more on a new
one. That is safe because the function only reads.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from api._problems import Problem
from sql.database import POOLED, Database, connect, database_url
from sql.errors import Unreachable

APPLICATION = "logkiln-api"
MOST_CONNECTIONS = 4
"""Of one process at once: a slow search must not stand before everybody, nor may we take all."""
SECONDS_TO_WAIT = 5.0

_turns = threading.BoundedSemaphore(MOST_CONNECTIONS)
_idle: list[Database] = []


def row(statement: str, binds: dict[str, Any]) -> dict[str, Any]:
    """Return the one row of the named `statement`, in a transaction of its own.

    Raises DatabaseError, or Problem 503 when all connections stay busy.
    """
    with _turn():
        if kept := _kept():
            try:
                return _row(kept, statement, binds)
            except Unreachable:
                forget()
        return _row(connect(database_url(POOLED), APPLICATION), statement, binds)


def forget() -> None:
    """Close every connection that is kept."""
    while kept := _kept():
        kept.close()


def _kept() -> Database | None:
    """Take a connection that nobody uses; looking first would let two threads see the last one."""
    try:
        return _idle.pop()
    except IndexError:
        return None


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=SECONDS_TO_WAIT):
        raise Problem(503, "Too many slow requests at once: try again.", {"Retry-After": "1"})
    try:
        yield
    finally:
        _turns.release()


def _row(database: Database, statement: str, binds: dict[str, Any]) -> dict[str, Any]:
    try:
        with database.transaction():
            answer = database.row(statement, **binds)
    except Unreachable:
        database.close()
        raise
    except Exception:
        _idle.append(database)  # The transaction was rolled back; the connection is sound.
        raise
    _idle.append(database)
    return answer
