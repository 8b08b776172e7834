"""Short ways to read text as a log, for tests."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from ingest.entry import Entry
from ingest.lines import Lines
from ingest.read import Log, Reading

WRITTEN = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def log_of(content: bytes | str, reading: Reading | None = None, name: str = "app.log") -> Log:
    """A log with this content."""
    raw = content if isinstance(content, bytes) else content.encode()
    return Log(Lines(name, BytesIO(raw), WRITTEN), Path(name), reading or Reading())


def entries_of(content: bytes | str, reading: Reading | None = None) -> list[Entry]:
    """The entries of a log with this content."""
    return list(log_of(content, reading))
