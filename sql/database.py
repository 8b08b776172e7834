"""One connection to PostgreSQL, spoken to in named statements."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

import psycopg2
import psycopg2.extensions
from psycopg2.extensions import AsIs, quote_ident

from sql.errors import (
    OLDEST_SERVER,
    BadDatabaseUrl,
    DatabaseError,
    NoDatabaseUrl,
    ServerTooOld,
    driver_errors,
    first_error,
)
from sql.statements import statement

UNPOOLED = ("DATABASE_URL_UNPOOLED", "POSTGRES_URL_NON_POOLING", "DATABASE_URL")
POOLED = ("DATABASE_URL",)
KEEPALIVES: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""A peer that is gone is noticed after a minute of silence; by default the kernel takes two hours,
and what stands between may have forgotten the connection long before."""

LONGEST_NAME = 63
"""Bytes of a name; PostgreSQL would cut off what is beyond."""


def database_url(names: tuple[str, ...] = UNPOOLED) -> str:
    """Return the first address set among the environment variables `names`."""
    for name in names:
        if url := os.environ.get(name, "").strip():
            return url
    raise NoDatabaseUrl(
        f"no database: none of {', '.join(names)} is set; "
        "set DATABASE_URL=postgresql://USER:PASSWORD@HOST/DATABASE"
    )


def schema_name() -> str:
    """Return the schema that holds our objects: LOGKILN_SCHEMA, letter by letter, or `public`."""
    name = os.environ.get("LOGKILN_SCHEMA", "").strip() or "public"
    if len(name.encode(errors="surrogateescape")) > LONGEST_NAME:
        raise DatabaseError(
            f"LOGKILN_SCHEMA is {name!r}; expected a name of {LONGEST_NAME} bytes at most"
        )
    return name


class Database:
    """A connection whose every statement is a named one and runs inside `transaction()`.

    Nothing is set on the session, only on transactions (`set local`), because behind a
    transaction pooler a session's settings leak to the next client.
    """

    def __init__(self, connection: psycopg2.extensions.connection, schema: str) -> None:
        """Wrap an open `connection`; statements look in `schema`."""
        self._connection = connection
        self.schema = schema

    def close(self) -> None:
        """Close the connection; an open transaction is rolled back by the server."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block does, or roll all of it back when it raises."""
        with driver_errors(), self._connection, self._connection.cursor() as cursor:
            cursor.execute(statement("session.search_path"), {"schema": self.schema})
            yield

    def execute(self, name: str, /, **parameters: Any) -> int:
        """Run statement `name`; return the number of rows it touched."""
        return self.run_text(statement(name), parameters)

    def execute_on(self, name: str, /, **identifiers: str) -> int:
        """Run statement `name`, whose parameters are names of objects."""
        with driver_errors():
            quoted = {
                word: AsIs(quote_ident(given, self._connection))
                for word, given in identifiers.items()
            }
        return self.run_text(statement(name), quoted)

    def execute_alone(self, name: str, /, **identifiers: str) -> None:
        """Run statement `name` outside of any transaction, with full names: it finds no schema."""
        with driver_errors():
            self._connection.autocommit = True
        try:
            self.execute_on(name, **identifiers)
        finally:
            self._connection.autocommit = False

    def run_text(self, text: str, parameters: Mapping[str, Any] | None = None) -> int:
        """Run SQL read from one of our files (migrations, views, roles)."""
        with driver_errors(), self._connection.cursor() as cursor:
            cursor.execute(text, parameters)
            return cursor.rowcount

    def rows(self, name: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """Return all rows of statement `name`, each as {column: value}."""
        with driver_errors(), self._connection.cursor() as cursor:
            cursor.execute(statement(name), parameters)
            columns = [column.name for column in cursor.description or ()]
            return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

    def row(self, name: str, /, **parameters: Any) -> dict[str, Any]:
        """Return the one row of statement `name`; an error if there are none or several."""
        rows = self.rows(name, **parameters)
        if len(rows) != 1:
            raise DatabaseError(f"statement {name} gave {len(rows)} rows, expected exactly one")
        return rows[0]

    def value(self, name: str, /, **parameters: Any) -> Any:
        """Return the single value of statement `name`."""
        (value,) = self.row(name, **parameters).values()
        return value

    def copy_in(self, name: str, source: IO[bytes], chunk_bytes: int = 1 << 20) -> int:
        """Stream `source` into the `copy … from stdin` statement `name`; return the row count."""
        with driver_errors(), first_error(), self._connection.cursor() as cursor:
            cursor.copy_expert(statement(name), source, chunk_bytes)
            return cursor.rowcount

    def copy_out(self, name: str, sink: Any, /, **parameters: Any) -> int:
        """Stream the `copy … to stdout` statement `name` into `sink.write(bytes)`, a row a call."""
        with driver_errors(), first_error(), self._connection.cursor() as cursor:
            cursor.copy_expert(cursor.mogrify(statement(name), parameters), sink)
            return cursor.rowcount


def connect(url: str | None = None, application: str = "logkiln") -> Database:
    """Open a connection to `url`, or to the address in the environment.

    Raises NoDatabaseUrl, BadDatabaseUrl, Unreachable or ServerTooOld, each with what to do.
    """
    url = url or database_url()
    try:
        with driver_errors():
            # COPY BINARY hands out and takes text in the client's encoding: always ours.
            connection = psycopg2.connect(
                url,
                application_name=application,
                connect_timeout=10,
                client_encoding="UTF8",
                **KEEPALIVES,
            )
    except DatabaseError as exc:
        if isinstance(exc.__cause__, psycopg2.ProgrammingError):
            # Without its cause, which quotes the address and with it the password.
            raise BadDatabaseUrl(
                "the address of the database is not understood (not shown: it may hold a "
                "password); expected postgresql://USER:PASSWORD@HOST/DATABASE"
            ) from None
        raise
    major = connection.server_version // 10000
    if major < OLDEST_SERVER:
        connection.close()
        raise ServerTooOld(
            f"the server is PostgreSQL {major}; expected {OLDEST_SERVER} or newer: upgrade it"
        )
    # Said at each BEGIN, not set on the session: shards may update the same rows, one after the
    # other, which a stricter default of the database would turn into errors.
    connection.isolation_level = psycopg2.extensions.ISOLATION_LEVEL_READ_COMMITTED
    return Database(connection, schema_name())
