"""PostgreSQL's log on standard error, behind any common log_line_prefix that begins with a time."""

import re
from functools import lru_cache

from ingest.entry import Entry
from ingest.formats.format import Absorbed, Following, Format
from ingest.times import Times

_HEAD = (
    r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?)"
    r"(?: (?P<zone>[A-Za-z]{1,5}|[+-]\d\d(?::?\d\d)?)(?![A-Za-z]))?(?P<prefix>[ :].{0,400}?)"
)
_PARTS = r"(?:DETAIL|HINT|QUERY|CONTEXT|LOCATION|STATEMENT|BACKTRACE)"
# The level is in the server's language; two blanks after the colon are always its mark.
_ENTRY = re.compile(
    _HEAD + rf"(?<![^\W_])(?!{_PARTS}:)"
    r"(?P<level>[^\W\d_a-z]{3,20}\d?):  (?P<message>.*)\Z",
    re.DOTALL,
)
_MORE = re.compile(rf".{{0,450}}?(?<!\w)({_PARTS}):  (.*)\Z", re.DOTALL)
_PID = re.compile(r"\[(\d{1,10})(?:-\d+)?\]")
_NAMED = re.compile(r"\b(user|db|app|client|host)=([^,\s]*)")
_NAMES = {"db": "database", "app": "application", "host": "client"}
_AT = re.compile(r"(?:^|[\s:])([^\s@:\[\]]+)@([^\s@:\[\]]+)")


@lru_cache(4096)
def prefix_fields(prefix: str) -> tuple[tuple[str, int | str], ...]:
    """Return what a prefix says: pid, user, database, application, client."""
    fields: dict[str, int | str] = {}
    if found := _PID.search(prefix):
        fields["pid"] = int(found[1])
    for name, value in _NAMED.findall(prefix):
        if value:
            fields[_NAMES.get(name, name)] = value
    if "user" not in fields and (found := _AT.search(prefix)):
        fields["user"], fields["database"] = found[1], found[2]
    return tuple(fields.items())


def parse(line: str, times: Times) -> Entry | None:
    """Read `2026-11-24 10:00:00.123 UTC [42] shop@shop ERROR:  text`."""
    found = _ENTRY.match(line)
    if found is None:
        return None
    return Entry(
        found["message"],
        logged_at=times.zoned(found["time"], found["zone"]),
        level=found["level"],
        attributes=dict(prefix_fields(found["prefix"])),
    )


def absorb(entry: Entry, line: str) -> Absorbed | None:
    """Take DETAIL, HINT, CONTEXT, STATEMENT, … of the same process into attributes so named.

    The tab with which PostgreSQL begins every further line of a text is taken off.
    """
    if line.startswith("\t"):
        return Absorbed(line[1:])
    found = _MORE.match(line) if ":  " in line else None
    if found is None:
        return None
    pid = _PID.search(line, 0, 450)
    if pid is not None and int(pid[1]) != entry.attributes.get("pid"):
        return None
    return Absorbed(found[2], key=found[1].lower())


FORMATS = [Format("postgresql", "PostgreSQL", parse, Following.FREE, absorb)]
