"""Rows as COPY BINARY hands them out, built by hand."""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Log:
    """One log; `logged_at` in microseconds since 2000-01-01 UTC."""

    id: int = 1
    logged_at: int = 0
    source: str = "app"
    level: str | None = None
    message: str = "hello"


def field(content: bytes | None) -> bytes:
    """Return a field behind its length; -1 for null."""
    return struct.pack(">i", -1) if content is None else struct.pack(">i", len(content)) + content


def row_of(log: Log) -> bytes:
    """Return the bytes of the row that PostgreSQL would send."""
    return b"".join(
        (
            struct.pack(">hiqiq", 5, 8, log.id, 8, log.logged_at),
            field(log.source.encode()),
            field(None if log.level is None else log.level.encode()),
            field(log.message.encode()),
        )
    )


def rows_of(logs: list[Log]) -> list[bytes]:
    """Return the bytes of each log's row."""
    return [row_of(log) for log in logs]
