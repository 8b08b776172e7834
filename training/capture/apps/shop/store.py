# mypy: disable-error-code="import-not-found,import-untyped"
"""The two stores: PostgreSQL through one connection a process, Redis as cache."""

import json
import os
import time
from typing import Any

import psycopg2
import psycopg2.errors
import redis
from logs import logger

log = logger("shop.store")
_cache = redis.Redis(
    host="127.0.0.1",
    password=os.environ["REDIS_PASSWORD"],
    socket_timeout=2,
    socket_connect_timeout=2,
    client_name="shop",
)
_connection: Any = None
_uses = 0


class Unavailable(Exception):
    """A store did not answer."""


def _connect() -> Any:
    global _connection, _uses
    if _connection is None or _connection.closed or _uses > 25:
        if _connection is not None and not _connection.closed:
            log.debug("recycling database connection after %d uses", _uses)
            _connection.close()
        try:
            _connection = psycopg2.connect(
                os.environ["DATABASE_DSN"], connect_timeout=3,
                options="-c statement_timeout=8000", application_name="shop",
            )  # fmt: skip
        except psycopg2.OperationalError as error:
            log.error("cannot connect to database: %s", str(error).strip().splitlines()[0])
            raise Unavailable("database") from error
        log.info("connected to database, backend pid %d", _connection.info.backend_pid)
        _uses = 0
    _uses += 1
    return _connection


def query(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run one statement in its own transaction; retry once when the connection was cut."""
    for attempt in (1, 2):
        connection = _connect()
        started = time.monotonic()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, values)
                rows = cursor.fetchall() if cursor.description else []
            log.debug(
                "query returned %d rows in %.1f ms", len(rows), (time.monotonic() - started) * 1e3
            )
            return rows
        except psycopg2.errors.QueryCanceled:
            log.error("statement timeout after %.1f s: %s", time.monotonic() - started, sql[:60])
            raise
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            log.warning("lost database connection (attempt %d): %s", attempt, str(error).strip())
            connection.close()
    raise Unavailable("database")


def recall(key: str) -> Any:
    """Give a cached value or None; a broken cache slows the shop down but does not stop it."""
    try:
        raw = _cache.get(key)
    except redis.RedisError as error:
        log.warning("cache read of %s failed: %s: %s", key, type(error).__name__, error)
        return None
    log.debug("cache %s for %s", "hit" if raw else "miss", key)
    return json.loads(raw) if raw else None


def remember(key: str, value: Any, seconds: int) -> None:
    """Cache a value."""
    try:
        _cache.setex(key, seconds, json.dumps(value, default=str))
    except redis.RedisError as error:
        log.error("cache write of %s failed: %s: %s", key, type(error).__name__, error)
