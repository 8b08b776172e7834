"""The last resort for entries that no database takes: JSON lines that can be loaded later."""

import json
import sys

from ingest.entry import Entry


def print_entries(entries: list[Entry]) -> None:
    """Print entries to standard error, in a form that `python -m ingest` reads."""
    for entry in entries:
        fields = {
            "time": entry.logged_at and entry.logged_at.isoformat(),
            "level": entry.level,
            "service": entry.source,
            "host": entry.host,
            "trace_id": entry.trace_id,
            "message": entry.message,
        }
        print(json.dumps(fields | entry.attributes), file=sys.stderr)
