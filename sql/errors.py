"""What can go wrong with the database, each in a sentence that says what to do."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

import psycopg2
from psycopg2 import errorcodes

OLDEST_SERVER = 14
"""The oldest major version of PostgreSQL that is supported."""


class DatabaseError(Exception):
    """The database refused or failed; the message says what was given, expected, and what to do."""


class NoDatabaseUrl(DatabaseError):
    """No address of a database is set in the environment."""


class BadDatabaseUrl(DatabaseError):
    """The address of the database is not one that the driver can read."""


class Unreachable(DatabaseError):
    """No connection: the server is away, refuses, or was lost on the way."""


class ServerTooOld(DatabaseError):
    """The server's major version is below the oldest one supported."""


class NotInstalled(DatabaseError):
    """A table, view or function of ours is missing."""


class NotPermitted(DatabaseError):
    """The role that is connected may not do this."""


class AlreadyScored(DatabaseError):
    """Somebody else wrote a prediction for the same log first; nothing of ours was kept."""


class NoPartition(DatabaseError):
    """A table has no partition for a row: it was dropped, or never made."""


class TimedOut(DatabaseError):
    """The server cancelled the statement at its time limit."""


class DiskFull(DatabaseError):
    """The server has no room left; the transaction was rolled back whole."""


_BY_CODE: dict[str, tuple[type[DatabaseError], str]] = {
    errorcodes.UNDEFINED_TABLE: (NotInstalled, "run `python -m sql migrate` first"),
    errorcodes.UNDEFINED_FUNCTION: (NotInstalled, "run `python -m sql migrate` first"),
    errorcodes.UNDEFINED_OBJECT: (NotInstalled, "run `python -m sql migrate` first"),
    errorcodes.UNDEFINED_COLUMN: (NotInstalled, "run `python -m sql migrate`: the schema is older"),
    errorcodes.NOT_NULL_VIOLATION: (
        NotInstalled,
        "run `python -m sql migrate` if the schema is older than what wrote this",
    ),
    errorcodes.INVALID_SCHEMA_NAME: (NotInstalled, "create the schema named by LOGKILN_SCHEMA"),
    errorcodes.INSUFFICIENT_PRIVILEGE: (NotPermitted, "connect as a role that was granted it"),
    errorcodes.READ_ONLY_SQL_TRANSACTION: (
        NotPermitted,
        "connect as a role that may write, to the primary and not to a replica",
    ),
    errorcodes.UNIQUE_VIOLATION: (
        AlreadyScored,
        "another writer came first; run again (or log_source gives two logs the same id and time: "
        "`python -m local doctor` names them)",
    ),
    errorcodes.DEADLOCK_DETECTED: (AlreadyScored, "two writers met; run again"),
    errorcodes.SERIALIZATION_FAILURE: (AlreadyScored, "two writers met; run again"),
    errorcodes.QUERY_CANCELED: (TimedOut, "try again, or raise the role's statement_timeout"),
    errorcodes.LOCK_NOT_AVAILABLE: (TimedOut, "another session holds the lock; try again"),
    errorcodes.OUT_OF_MEMORY: (DatabaseError, "raise what the server says, or do less at once"),
    errorcodes.DISK_FULL: (DiskFull, "make room (`python -m sql prune`), then run again"),
}

_LOST = (psycopg2.OperationalError, psycopg2.InterfaceError)


def is_lost(error: psycopg2.Error) -> bool:
    """Say whether `error` means that the connection is gone; libpq alone raises the bare class."""
    return isinstance(error, _LOST) or (
        type(error) is psycopg2.DatabaseError and error.pgcode is None
    )


def translate(error: psycopg2.Error) -> DatabaseError:
    """Return our error for the driver's `error`, with a next step where one is known."""
    said = " ".join(str(error).split()) or type(error).__name__
    if error.pgcode in _BY_CODE:
        kind, advice = _BY_CODE[error.pgcode]
        # Not where in a statement of ours: that helps nobody who is given the advice.
        parts = (error.diag.message_primary, error.diag.message_detail)
        return kind(f"{': '.join(part for part in parts if part) or said}: {advice}")
    # A row that no partition takes violates no constraint that has a name.
    if error.pgcode == errorcodes.CHECK_VIOLATION and error.diag.constraint_name is None:
        return NoPartition(f"{said}: run again, which makes it")
    if is_lost(error):
        return Unreachable(f"no connection to PostgreSQL: {said}: check the server, then run again")
    return DatabaseError(said)


@contextmanager
def driver_errors() -> Iterator[None]:
    """Turn every error of the driver inside the block into one of ours, keeping its cause."""
    try:
        yield
    except psycopg2.Error as exc:
        first = exc.__context__
        if isinstance(exc, psycopg2.InterfaceError) and isinstance(first, DatabaseError):
            # The rollback on a lost connection fails too; what counts is how it was lost.
            raise first from first.__cause__
        raise translate(exc) from exc


@contextmanager
def first_error() -> Iterator[None]:
    """Raise what the server said as it ended a COPY of the block.

    Of two errors that follow each other the driver prints the first through the hook for errors
    that nobody caught, and raises the second, `invalid socket`.
    """
    usual = sys.excepthook
    printed: list[psycopg2.Error] = []

    def catch(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error.__cause__, psycopg2.Error):
            printed.append(error.__cause__)
        else:
            usual(kind, error, trace)

    sys.excepthook = catch
    try:
        yield
    except psycopg2.Error:
        if printed:
            raise printed[0] from None
        raise
    finally:
        sys.excepthook = usual
