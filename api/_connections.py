"""The process's few connections to the database, kept between requests.

The host freezes the process between requests and the database drops who is silent for long, so any
kept connection may be dead: the first failure throws all of them away and asks once more on a new
one. That is safe because these connections only read. What is written goes over a new connection
of another role, once.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from api._problems import Problem
from sql.database import POOLED, Database, connect, database_url
from sql.errors import BadDatabaseUrl, NoDatabaseUrl, NotPermitted, Unreachable

APPLICATION = "logkiln-api"
MOST_CONNECTIONS = 4
"""Of one process at once: a slow search must not stand before everybody, nor may we take all."""
SECONDS_TO_WAIT = 5.0
WRITER = "WRITER_DATABASE_URL"

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


def write(statement: str, binds: dict[str, Any]) -> dict[str, Any]:
    """Return the one row of a `statement` that writes; it is never sent twice.

    Raises DatabaseError while nothing was sent, or Problem 503: no address, not the right role, or
    the connection lost on the way, when nobody here knows whether it was kept.
    """
    with _turn():
        try:
            database = connect(database_url((WRITER,)), APPLICATION)
        except (NoDatabaseUrl, BadDatabaseUrl) as exc:
            raise Problem(
                503,
                "Nothing can be written here: for this deployment, set "
                f"{WRITER}=postgresql://logkiln_writer:PASSWORD@HOST/DATABASE.",
            ) from exc
        try:
            with database.transaction():
                return database.row(statement, **binds)
        except NotPermitted as exc:
            raise Problem(503, f"{WRITER} is of a role that may not: use logkiln_writer.") from exc
        except Unreachable as exc:
            raise Problem(
                503,
                "The connection to the database was lost on the way, so it may have been kept or "
                "not: ask by GET before you send it again.",
            ) from exc
        finally:
            database.close()


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
