"""Secrets and persons masked before a log reaches the database, in every field of an entry.

The mode `template` besides drops the attributes. What is masked in a text: `redaction`.
"""

import json
import re
from typing import Any

from ingest.entry import Entry
from ingest.errors import BadOption
from redaction import modes
from redaction.modes import FULL, OFF, words_alone
from redaction.rules import SECRET_NAME, masked

NOTE_TEMPLATE = "redacted to its words; attributes were dropped"
LIMIT_DEPTH = 32
"""Levels of attributes looked into; what lies deeper is masked as one text of JSON."""

_SECRET_KEY = re.compile(rf"(?i)(?:.*[_.\-])?(?:[a-z]{{0,40}}(?:{SECRET_NAME}|authorization))\Z")


def mode_named(name: str) -> str:
    """Return the mode `name`, off for none; BadOption if there is no such mode."""
    try:
        return modes.mode_named(name)
    except ValueError as exc:
        raise BadOption(str(exc)) from exc


def redact(entry: Entry, mode: str) -> None:
    """Mask in `entry` what `mode` says; its time, source, level and trace id stay."""
    if mode == OFF:
        return
    mask = masked if mode == FULL else words_alone
    entry.message = mask(entry.message)
    if entry.host:
        entry.host = masked(entry.host)
    if entry.error:
        entry.error = mask(entry.error)
    if mode == FULL:
        entry.attributes = _masked_object(entry.attributes, LIMIT_DEPTH)
    else:
        entry.attributes = {}
        entry.note(NOTE_TEMPLATE)


def _masked_object(value: dict[str, Any], depth: int) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, item in value.items():
        name = plain = masked(key)
        while name in result:  # Two keys may have one mask.
            name = f"{plain} {len(result)}"
        is_secret = isinstance(item, str | int) and item and _SECRET_KEY.match(key)
        result[name] = "[secret]" if is_secret else _masked_value(item, depth)
    return result


def _masked_value(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, int) and not isinstance(value, bool) and value > 10**12:
        return text if (text := masked(str(value))) == "[card]" else value
    if not isinstance(value, list | dict):
        return value
    if depth == 0:
        return masked(json.dumps(value, ensure_ascii=False))
    if isinstance(value, list):
        return [_masked_value(item, depth - 1) for item in value]
    return _masked_object(value, depth - 1)
