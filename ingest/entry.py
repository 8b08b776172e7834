"""One log entry, as it was written, on its way from a line to a row."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Entry:
    """What a format found in one line, or in several that belong together.

    `logged_at` is aware, or None where the line says no time. `level` is as declared: nothing is
    guessed. `attributes` holds JSON values. `error` says why the text could not be parsed: then
    `message` is the text itself. `notes` say what had to be altered for the database to hold it.
    """

    message: str
    logged_at: datetime | None = None
    source: str | None = None
    host: str | None = None
    level: str | None = None
    trace_id: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    format: str = ""
    count_lines: int = 1
    error: str | None = None
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Remember `text` among the notes, once."""
        if text not in self.notes:
            self.notes.append(text)
