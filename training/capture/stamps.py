"""The time a captured line says it was written, in each native format.

Used to check the ledger against the lines. Lines without a time of their own (the rest of a stack
trace, a continued statement) belong to the line before them.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone

# Each pattern names what it finds; the order matters only for speed.
_ISO = re.compile(
    r"^(?:<\d+>1 |\[|time=|\{\"level\":\"\w+\",\"ts\":\")?\"?"
    r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)[ T] ?(?P<H>\d{1,2}):(?P<M>\d\d):(?P<S>\d\d)"
    r"(?:[.,](?P<f>\d+))?(?: ?(?P<z>Z|[+-]\d\d:?\d\d)(?!\d))?"
)
_SLASHED = re.compile(
    r"^(?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d) (?P<H>\d\d):(?P<M>\d\d):(?P<S>\d\d)(?:\.(?P<f>\d+))?"
)
_NAMED_MONTH = re.compile(
    r"(?P<d>\d\d)[ /-](?P<b>[A-Z][a-z]{2})[ /-](?P<y>\d{4})[ :](?P<H>\d\d):(?P<M>\d\d):(?P<S>\d\d)"
    r"(?:\.(?P<f>\d+))?(?: (?P<z>[+-]\d{4}))?"
)
_APACHE = re.compile(
    r"^\[\w{3} (?P<b>[A-Z][a-z]{2}) (?P<d>\d\d) (?P<H>\d\d):(?P<M>\d\d):(?P<S>\d\d)\.(?P<f>\d+)"
    r" (?P<y>\d{4})\]"
)
_EPOCH = re.compile(r"^(?P<e>\d{10})(?P<ms>\.\d{3})?[: ]")
_JSON_EPOCH = re.compile(r"\"time\":(?P<e>\d{10})(?P<ms>\d{3})")
_MONTHS = {name: i for i, name in enumerate("JanFebMarAprMayJunJulAugSepOctNovDec"[k : k + 3] for k in range(0, 36, 3))}  # fmt: skip  # noqa: E501


def stamp(line: bytes) -> datetime | None:
    """Give the UTC time in a line, or None if it carries none."""
    text = line[:200].decode("utf-8", "replace")
    for pattern in (_ISO, _SLASHED, _APACHE):
        if found := pattern.match(text):
            return _moment(found.groupdict())
    if found := _EPOCH.match(text):
        return datetime.fromtimestamp(float(found["e"] + (found["ms"] or "")), UTC)
    if found := _JSON_EPOCH.search(text):
        return datetime.fromtimestamp(int(found["e"]) + int(found["ms"]) / 1000, UTC)
    if found := _NAMED_MONTH.search(text[:80]):
        return _moment(found.groupdict())
    return None


def stamps(lines: Iterable[bytes]) -> Iterator[datetime]:
    """Give the times of the lines that carry one."""
    return (moment for moment in map(stamp, lines) if moment is not None)


def _moment(part: dict[str, str | None]) -> datetime:
    month = int(part["m"] or 0) if "m" in part else _MONTHS[part["b"] or ""] + 1
    fraction = int((part["f"] or "0")[:6].ljust(6, "0"))
    zone = part.get("z") or "Z"
    offset = timedelta()
    if zone != "Z":
        digits = zone[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        offset = -offset if zone[0] == "-" else offset
    return datetime(
        int(part["y"] or 0), month, int(part["d"] or 0), int(part["H"] or 0), int(part["M"] or 0),
        int(part["S"] or 0), fraction, timezone(offset),
    )  # fmt: skip
