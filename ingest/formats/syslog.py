"""Syslog: RFC 3164 (with and without host and priority, also with rsyslog's ISO time), RFC 5424."""

import re
from typing import Any

from ingest.entry import Entry
from ingest.formats.format import Following, Format
from ingest.formats.layout import FIELDS
from ingest.formats.severities import SYSLOG_FACILITIES, SYSLOG_SEVERITIES
from ingest.times import SHAPES, Times

_PRIORITY = r"(?:<(?P<priority>\d{1,3})>)?"
_BSD = re.compile(
    _PRIORITY + rf"(?P<time>{SHAPES['bsd'][0]}) (?P<rest>.*)\Z",
    re.DOTALL,
)
_ISO = re.compile(
    _PRIORITY + r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)) "
    r"(?P<rest>.*)\Z",
    re.DOTALL,
)
# `host program[pid]: text`; a local socket's daemon may leave out the host.
_TAG = re.compile(
    r"(?:(?P<host>[^\s:\[\]]{1,255}|(?:[\da-fA-F]{0,4}:){2,7}[\da-fA-F.]{0,15}) +)?"
    r"(?P<source>[^\s:\[\]\d][^\s:\[\]]{0,127})(?:\[(?P<pid>[^\]\s]{1,32})\])?: ?(?P<message>.*)\Z",
    re.DOTALL,
)
_UNTAGGED = re.compile(r"(?P<host>[^\s:\[\]]{1,255}) (?P<message>.*)\Z", re.DOTALL)
_5424 = re.compile(
    r"<(?P<priority>\d{1,3})>1 (?P<time>\S{1,64}) (?P<host>\S{1,255}) (?P<source>\S{1,128}) "
    r"(?P<pid>\S{1,128}) (?P<message_id>\S{1,64}) (?P<rest>(?:-|\[).*)\Z",
    re.DOTALL,
)
_ELEMENT = re.compile(
    r'\[([^\s=\]"]{1,64})((?: [^\s=\]"]{1,64}="(?:[^"\\\]]++|\\.)*+")*)\]', re.DOTALL
)
_PARAMETER = re.compile(r' ([^\s=\]"]+)="((?:[^"\\\]]++|\\.)*+)"', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\\]])')
_LEVEL = re.compile(FIELDS["level"] + r"\Z")
_read_bsd = SHAPES["bsd"][1]


def parse_3164(line: str, times: Times) -> Entry | None:
    """Read `<34>Oct 11 22:14:15 host su[230]: text`."""
    if found := _BSD.match(line):
        entry = _tagged(found["rest"]) or _untagged(found["rest"])
        read = _read_bsd
    elif found := _ISO.match(line):
        entry = _tagged(found["rest"])
        read = Times.iso
        if entry is None or not _is_surely_syslog(entry):
            return None
    else:
        return None
    if entry is None:
        return None
    entry.logged_at = read(times, found["time"])
    if found["priority"] is not None:
        set_priority(entry, int(found["priority"]))
    return entry


def _tagged(rest: str) -> Entry | None:
    if found := _TAG.match(rest):
        entry = Entry(found["message"], source=found["source"], host=found["host"])
        if found["pid"] is not None:
            entry.attributes["pid"] = _number(found["pid"])
        return entry
    return None


def _untagged(rest: str) -> Entry | None:
    found = _UNTAGGED.match(rest)  # `host last message repeated 2 times`
    return found and Entry(found["message"], host=found["host"])


def _is_surely_syslog(entry: Entry) -> bool:
    """Tell `time host program: text` from `time LEVEL logger: text`, which begins alike."""
    if entry.host is None:
        return "pid" in entry.attributes
    return not _LEVEL.match(entry.host)


def set_priority(entry: Entry, priority: int) -> None:
    """Set level and facility of a PRI value, facility × 8 + severity."""
    facility, severity = divmod(priority, 8)
    if facility >= len(SYSLOG_FACILITIES):
        raise ValueError(f"priority <{priority}> is above 191")
    entry.level = SYSLOG_SEVERITIES[severity]
    entry.attributes["facility"] = SYSLOG_FACILITIES[facility]


def parse_5424(line: str, times: Times) -> Entry | None:
    """Read `<165>1 2003-10-11T22:14:15.003Z host app 230 ID47 [sd@1 key="value"] text`."""
    found = _5424.match(line)
    if found is None:
        return None
    structured, message = structured_data(found["rest"])
    # rsyslog writes the blank after an RFC 3164 tag as part of the message.
    entry = Entry(message.removeprefix("\ufeff").removeprefix(" "))
    entry.source, entry.host = _present(found["source"]), _present(found["host"])
    if found["time"] != "-":
        entry.logged_at = times.iso(found["time"])
    set_priority(entry, int(found["priority"]))
    for name in ("pid", "message_id"):
        if (value := _present(found[name])) is not None:
            entry.attributes[name] = _number(value) if name == "pid" else value
    entry.attributes.update(structured)
    return entry


def structured_data(rest: str) -> tuple[dict[str, Any], str]:
    """Split STRUCTURED-DATA, as {element: {parameter: value}}, from the message after it."""
    if rest[0] == "-":
        return {}, rest[2:]
    elements: dict[str, Any] = {}
    position = 0
    while found := _ELEMENT.match(rest, position):
        elements[found[1]] = {
            key: _ESCAPE.sub(r"\1", value) for key, value in _PARAMETER.findall(found[2])
        }
        position = found.end()
    if not elements:
        return {}, rest  # A message that begins with a bracket, from a careless sender.
    return elements, rest[position:].removeprefix(" ")


def _present(value: str) -> str | None:
    return None if value == "-" else value


def _number(value: str) -> int | str:
    return int(value) if value.isascii() and value.isdecimal() else value


FORMATS = [
    Format("syslog_5424", "syslog (RFC 5424)", parse_5424, Following.INDENTED),
    Format("syslog_3164", "syslog (RFC 3164)", parse_3164, Following.INDENTED),
]
