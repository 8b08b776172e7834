"""A handler for Python's logging that writes records to `log_entries`.

    logging.getLogger().addHandler(LogHandler(source="shop"))

Logging never waits for the database: records go to a queue, and a thread copies them in batches.
"""

import json
import logging
import os
import socket
import sys
import threading
from collections import deque
from datetime import UTC, datetime
from typing import Any

from ingest.entry import Entry
from ingest.redact import mode_named, redact
from ingest.spill import print_entries
from ingest.writer import write
from sql.database import Database, connect
from sql.errors import DatabaseError

LIMIT_RECORDS = 100_000
"""Records that wait at most; while the database is away, later ones are counted and dropped."""

BATCH_RECORDS = 5_000
LONGEST_PAUSE = 30.0
"""Seconds between attempts, after several that failed."""

WAIT_SECONDS = 10.0
"""How long flush() and close() wait for the database, at most."""

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_TRACE_IDS = ("trace_id", "otelTraceID", "dd.trace_id")
_formatter = logging.Formatter()


def entry_of(record: logging.LogRecord, source: str, host: str) -> Entry:
    """Make an entry of a record: traceback and stack join the message, `extra` the attributes."""
    parts = [record.getMessage()]
    if record.exc_info and record.exc_info[0] is not None:
        parts.append(_formatter.formatException(record.exc_info))
    elif record.exc_text:
        parts.append(record.exc_text)
    if record.stack_info:
        parts.append(record.stack_info)
    extra = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    trace_id = next((str(extra.pop(name)) for name in _TRACE_IDS if extra.get(name)), None)
    attributes = {
        "logger": record.name,
        "file": record.filename,
        "line": record.lineno,
        "function": record.funcName,
        "pid": record.process,
        "thread": record.threadName,
    }
    return Entry(
        "\n".join(parts),
        logged_at=datetime.fromtimestamp(record.created, UTC),
        source=source,
        host=host,
        level=record.levelname,
        trace_id=trace_id,
        attributes=attributes | {name: as_json(value) for name, value in extra.items()},
        format="handler",
    )


def as_json(value: Any) -> Any:
    """Return `value` as JSON holds it, or its text if JSON cannot."""
    try:
        return json.loads(json.dumps(value, default=str))
    except (TypeError, ValueError, RecursionError):
        return repr(value)


class LogHandler(logging.Handler):
    """Copies records to `log_entries`, a second or BATCH_RECORDS after they were logged.

    While the database is away records wait, up to LIMIT_RECORDS; what had to be dropped then is
    counted in an entry of its own. At exit what waits is written, or, if the database is away,
    printed to standard error as JSON lines, which `python -m ingest` reads.
    """

    def __init__(
        self,
        source: str,
        url: str | None = None,
        seconds: float = 1.0,
        redaction: str | None = None,
    ) -> None:
        """Log as `source` to the database at `url`, or that of the environment.

        `redaction` is a mode of `ingest.redact`; None takes LOGKILN_REDACT, or `off`.
        """
        super().__init__()
        named = os.environ.get("LOGKILN_REDACT", "") if redaction is None else redaction
        self._redaction = mode_named(named)
        self._source = source
        self._url = url
        self._seconds = seconds
        self._host = socket.gethostname()
        self._start()

    def _start(self) -> None:
        self._process = os.getpid()
        self._changed = threading.Condition()
        self._waiting: deque[Entry] = deque()
        self._in_hand: list[Entry] = []
        self._count_dropped = 0
        self._count_failures = 0
        self._is_urgent = self._is_closing = False
        # A daemon: the interpreter joins other threads before logging's own exit asks to close.
        self._thread = threading.Thread(target=self._run, name="logkiln handler", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue one record; called by logging."""
        try:
            entry = entry_of(record, self._source, self._host)
            redact(entry, self._redaction)
        except Exception:  # noqa: BLE001 - logging's contract: a bad record must not hurt the program
            self.handleError(record)
            return
        if self._process != os.getpid():  # Forked: the thread stayed behind, with what it holds.
            self._start()
        with self._changed:
            if len(self._waiting) >= LIMIT_RECORDS:
                self._count_dropped += 1
                return
            self._waiting.append(entry)
            if len(self._waiting) == BATCH_RECORDS:
                self._changed.notify_all()

    def flush(self) -> None:
        """Wait until all records so far are written, or one more attempt has failed."""
        if self._process != os.getpid() or not self._thread.is_alive():
            return
        with self._changed:
            failures = self._count_failures
            self._is_urgent = True
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: self._is_empty() or self._count_failures > failures, WAIT_SECONDS
            )
            self._is_urgent = False

    def close(self) -> None:
        """Write what waits, or print it if that fails; end the thread."""
        self.flush()
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        if self._process == os.getpid():
            self._thread.join(WAIT_SECONDS)
        left, self._in_hand = [*self._in_hand, *self._waiting], []
        self._waiting.clear()
        print_entries(left)
        super().close()

    def _is_empty(self) -> bool:
        return not self._waiting and not self._in_hand

    def _run(self) -> None:
        database: Database | None = None
        while True:
            pause = min(self._seconds * 2 ** min(self._count_failures, 10), LONGEST_PAUSE)
            with self._changed:
                self._changed.wait_for(self._is_due, pause)
                if self._is_closing and (self._is_empty() or self._count_failures):
                    break
                self._take()
            if self._in_hand:
                database = self._write(database)
        if database is not None:
            database.close()

    def _is_due(self) -> bool:
        if self._is_closing or self._is_urgent:
            return True
        return len(self._waiting) >= BATCH_RECORDS and not self._count_failures

    def _take(self) -> None:
        while self._waiting and len(self._in_hand) < BATCH_RECORDS:
            self._in_hand.append(self._waiting.popleft())
        if self._count_dropped and not self._count_failures:
            text = f"{self._count_dropped:,} records were dropped while the database was away"
            self._in_hand.append(
                Entry(
                    text, datetime.now(UTC), self._source, self._host, "WARNING", format="handler"
                )
            )
            self._count_dropped = 0

    def _write(self, database: Database | None) -> Database | None:
        """Write what is in hand; on failure keep it, and return no connection."""
        try:
            database = database or connect(self._url, application="logkiln handler")
            with database.transaction():
                write(database, self._in_hand)
        except DatabaseError as exc:
            if database is not None:
                database.close()
            if type(exc) is DatabaseError:  # It refuses these very records: it always will.
                print_entries(self._in_hand)
                self._in_hand = []
            self._failed(exc)
            return None
        with self._changed:
            self._in_hand = []
            self._count_failures = 0
            self._changed.notify_all()
        return database

    def _failed(self, failure: DatabaseError) -> None:
        with self._changed:
            self._count_failures += 1
            if self._count_failures == 1:
                print(f"logs wait for the database: {failure}", file=sys.stderr)
            self._changed.notify_all()
