"""What PostgreSQL cannot hold, made so that it can, and said so in the entry's notes."""

from typing import Any

from ingest.entry import Entry

REPLACEMENT = "\ufffd"
LIMIT_FIELD = 255
"""Characters of source, host, level and trace id: they are grouped and indexed by."""

NOTE_NUL = "NUL characters were replaced by U+FFFD"
NOTE_SURROGATE = "lone surrogates were replaced by U+FFFD"
NOTE_NUMBER = "numbers out of range were kept as text"

_SHORT_FIELDS = ("source", "host", "level", "trace_id")


def clean(entry: Entry) -> None:
    """Replace in `entry` whatever text and jsonb cannot hold, and note it."""
    entry.message = clean_text(entry.message, entry)
    for name in _SHORT_FIELDS:
        if (value := getattr(entry, name)) is not None:
            setattr(entry, name, clean_text(value, entry))
    entry.attributes = clean_value(entry.attributes, entry)


def clean_text(text: str, entry: Entry) -> str:
    """Replace NUL and lone surrogates, which UTF-8 in PostgreSQL has not."""
    if "\0" in text:
        entry.note(NOTE_NUL)
        text = text.replace("\0", REPLACEMENT)
    try:
        text.encode()
    except UnicodeEncodeError:
        entry.note(NOTE_SURROGATE)
        # A pair of surrogates that came as two escapes is one character; a lone one is none.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def clean_value(value: Any, entry: Entry) -> Any:
    """Do the same in a JSON value, and write numbers that JSON has not as text."""
    if isinstance(value, str):
        return clean_text(value, entry)
    if isinstance(value, float) and not -1e308 <= value <= 1e308:
        entry.note(NOTE_NUMBER)
        return repr(value)
    if isinstance(value, list):
        return [clean_value(item, entry) for item in value]
    if isinstance(value, dict):
        return {clean_text(key, entry): clean_value(item, entry) for key, item in value.items()}
    return value


def shorten(entry: Entry) -> None:
    """Cut fields that are grouped by to LIMIT_FIELD, keeping the whole among the attributes."""
    for name in _SHORT_FIELDS:
        value = getattr(entry, name)
        if value is not None and len(value) > LIMIT_FIELD:
            entry.attributes[f"whole_{name}"] = value
            setattr(entry, name, value[:LIMIT_FIELD])
