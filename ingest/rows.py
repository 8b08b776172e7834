"""Entries as rows of `copy log_entries … from stdin` in text format, encoded in UTF-8."""

import json

from ingest.clean import LIMIT_FIELD, clean, shorten
from ingest.entry import Entry

_encode_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def copy_row(entry: Entry) -> bytes:
    """Return the row of `entry`, which has a time and a source by now."""
    if _is_long(entry):
        shorten(entry)
    try:
        row = _row(entry)
        if b"\0" not in row and b"\\u0000" not in row:
            return row
    except ValueError:
        pass  # A lone surrogate or an infinite number: cleaned below.
    clean(entry)
    return _row(entry)


def _is_long(entry: Entry) -> bool:
    return (
        len(entry.source or "") > LIMIT_FIELD
        or len(entry.host or "") > LIMIT_FIELD
        or len(entry.level or "") > LIMIT_FIELD
        or len(entry.trace_id or "") > LIMIT_FIELD
    )


def _row(entry: Entry) -> bytes:
    attributes = entry.attributes
    if entry.error is not None:
        attributes = attributes | {"ingest_error": entry.error}
    if entry.notes:
        attributes = attributes | {"ingest_notes": entry.notes}
    fields = (
        entry.logged_at.isoformat() if entry.logged_at is not None else r"\N",
        _escaped(entry.source),
        _escaped(entry.host),
        _escaped(entry.level),
        _escaped(entry.message),
        _escaped(entry.trace_id),
        _escaped(_encode_json(attributes)) if attributes else r"\N",
    )
    return ("\t".join(fields) + "\n").encode()


def _escaped(text: str | None) -> str:
    if text is None:
        return r"\N"
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    return text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
