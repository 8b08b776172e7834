"""logfmt, `time=2026-11-24T10:00:00Z level=info msg="order placed" id=7`: slog, logrus, Heroku."""

import re
from typing import Any

from ingest.entry import Entry
from ingest.formats.format import Following, Format
from ingest.formats.json_lines import ROLES, entry_of
from ingest.times import Times

# The quoted value takes escapes whole, so that a run of backslashes is read once (possessive).
_PAIR = re.compile(
    r'([^\s="]{1,200})=(?:"((?:[^"\\]++|\\.)*+)"|([^\s"]\S*+|))(?:\s+|\Z)', re.DOTALL
)
_BARE = re.compile(r'([^\s="]{1,200})(?:\s+|\Z)')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r"}
_TELLING = {key for role in ("time", "level", "message") for key in ROLES[role].split()}


def parse(line: str, times: Times) -> Entry | None:
    """Read pairs; None unless nearly all of `line` is pairs and at least one is of a log."""
    pairs: dict[str, Any] = {}
    repeated: dict[str, list[str]] = {}
    count_bare = 0
    position = 0
    while position < len(line):
        if found := _PAIR.match(line, position):
            key, quoted, plain = found.groups()
            value = plain if quoted is None else unescaped(quoted)
            if key in pairs:
                repeated.setdefault(key, [pairs[key]]).append(value)
            else:
                pairs[key] = value
        elif found := _BARE.match(line, position):
            pairs[found[1]] = True
            count_bare += 1
        else:
            return None
        if count_bare > 1 + len(pairs) // 4:  # Prose with an equals sign somewhere.
            return None
        position = found.end()
    if len(pairs) < 2 or _TELLING.isdisjoint(key.lower() for key in pairs):
        return None
    return entry_of(pairs | repeated, line, times)


def unescaped(text: str) -> str:
    r"""Undo the escapes of a quoted value: `\"`, `\\`, `\n`, `\t`, `\r`."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: _CONTROLS.get(found[1], found[1]), text)


FORMATS = [Format("logfmt", "logfmt", parse, Following.NONE)]
