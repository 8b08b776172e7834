"""Writing the ledger: which fault, in which programs, from when to when."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path


def stamp(moment: datetime) -> str:
    """Give a moment as ISO 8601 UTC with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Ledger:
    """An append-only file of windows; each line is flushed, so that a dead run keeps its ledger."""

    def __init__(self, path: Path, run: str) -> None:
        """Start the first clean stretch now."""
        self._path = path
        self._run = run
        self._clean_since = datetime.now(UTC)

    @contextmanager
    def fault(self, name: str, program: str, affected: tuple[str, ...]) -> Iterator[None]:
        """Time a fault: the clock is read just before the body and just after it."""
        start = datetime.now(UTC)
        self._add(None, None, (), self._clean_since, start)
        try:
            yield
        finally:
            self._clean_since = datetime.now(UTC)
            self._add(name, program, affected, start, self._clean_since)

    def close(self) -> None:
        """Write the last clean stretch."""
        self._add(None, None, (), self._clean_since, datetime.now(UTC))

    def _add(
        self,
        fault: str | None,
        program: str | None,
        affected: tuple[str, ...],
        start: datetime,
        end: datetime,
    ) -> None:
        line = {
            "run": self._run,
            "program": program,
            "affected": list(affected),
            "fault": fault,
            "start": stamp(start),
            "end": stamp(end),
        }
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")
