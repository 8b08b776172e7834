"""Times as log lines write them, read into aware datetimes.

Days are read by strptime, clocks by datetime.fromisoformat; both raise ValueError with a reason.
strptime takes 5 µs and a log has few days, so each day's text is read once and remembered as its
ISO form; what is left for a line is one fromisoformat, 0.1 µs.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.errors import BadOption

AHEAD = timedelta(hours=14)
"""How far a time without a year may lie after the last write of its file and still be of the same
year: the widest offset of a time zone, so that a wrong --timezone moves it by hours, not a year."""

OLDEST_EPOCH = 100_000_000
"""Seconds; a smaller number (before March 1973) counts since a start, not since 1970."""

_ABBREVIATIONS = {
    "UTC": "UTC", "GMT": "UTC", "Z": "UTC", "WET": "WET", "WEST": "WET", "CET": "CET",
    "CEST": "CET", "EET": "EET", "EEST": "EET", "BST": "Europe/London", "MSK": "Europe/Moscow",
    "EST": "EST5EDT", "EDT": "EST5EDT", "CST": "CST6CDT", "CDT": "CST6CDT", "MST": "MST7MDT",
    "MDT": "MST7MDT", "PST": "PST8PDT", "PDT": "PST8PDT", "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul", "SGT": "Asia/Singapore", "AEST": "Australia/Sydney",
    "AEDT": "Australia/Sydney", "NZST": "Pacific/Auckland", "NZDT": "Pacific/Auckland",
}  # fmt: skip
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?\Z")


@lru_cache(256)
def time_zone(name: str) -> tzinfo:
    """Return the zone named `Europe/Berlin`, `UTC` or `+02:00`; raise BadOption otherwise."""
    if name.upper() in ("UTC", "Z", "GMT"):
        return UTC
    try:
        if found := _OFFSET.match(name):
            minutes = int(found[2]) * 60 + int(found[3] or 0)
            return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise BadOption(
            f"time zone {name!r} is not known here; expected a name such as Europe/Berlin "
            "(needs the system's tzdata or the package tzdata) or an offset such as +02:00"
        ) from exc


@lru_cache(4096)
def day(text: str, layout: str) -> str:
    """Return the ISO form of a day: ("17/May/2015", "%d/%b/%Y") gives "2015-05-17"."""
    return datetime.strptime(text, layout).date().isoformat()


@lru_cache(4096)
def days_without_year(text: str, layout: str, year: int) -> tuple[str, ...]:
    """Return the ISO forms of a day in the year after `year`, in `year`, and in those before it.

    Nine years, newest first: 29 February is in at least one of them, and only there.
    """
    days = []
    for candidate in range(year + 1, year - 8, -1):
        try:
            days.append(day(f"{candidate} {text}", f"%Y {layout}"))
        except ValueError:
            continue  # No 29 February in that year.
    return tuple(days)


class Times:
    """Reads times; `zone` is that of times that name none, `reference` the latest one expected.

    The reference is when the file was last written, or now for a stream.
    """

    def __init__(self, zone: tzinfo = UTC, reference: datetime | None = None) -> None:
        """Make a reader; without `reference`, of a stream."""
        self.now = datetime.now(UTC)
        self.reference = min(reference or self.now, self.now)
        self.zone = zone
        self.count_ahead = 0

    def refresh(self) -> None:
        """Move now, and the reference, to this moment: for a log that is being written."""
        self.now = self.reference = datetime.now(UTC)

    def aware(self, moment: datetime) -> datetime:
        """Return `moment` in the default zone if it names none."""
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)

    def iso(self, text: str) -> datetime:
        """Read `2026-11-24 10:00:00,123`, `2026-11-24T10:00:00.123456789Z`, `… 10:00:00 +0100`."""
        try:
            return self.aware(datetime.fromisoformat(text))
        except ValueError:
            pass  # Slashes, a space before the offset or in place of the hour's zero.
        repaired = text.replace("/", "-").replace("  ", " 0").replace(" +", "+").replace(" -", "-")
        return self.aware(datetime.fromisoformat(repaired))

    def zoned(self, clock: str, zone: str | None) -> datetime:
        """Read an ISO time followed by an abbreviation (`CET`) or offset (`+01`) of its zone."""
        if not zone or zone == "UTC":
            return self.iso(clock + "Z" if zone else clock)
        moment = datetime.fromisoformat(clock)
        if zone == moment.replace(tzinfo=self.zone).tzname():
            return moment.replace(tzinfo=self.zone)
        if zone.upper() in _ABBREVIATIONS:
            zone = _ABBREVIATIONS[zone.upper()]
        elif zone[0] not in "+-":
            raise ValueError(f"time zone {zone!r} is not known")
        return moment.replace(tzinfo=time_zone(zone))

    def without_year(self, text: str, layout: str, clock: str) -> datetime:
        """Read a day without a year, `Mar 27`, as the latest one that is not in the future.

        A time after the file's last write is last year's, unless by less than AHEAD: then it is of
        today and its zone is another one than was told; it is taken as now, and counted.
        """
        limit = self.reference + AHEAD
        for candidate in days_without_year(text, layout, self.reference.year):
            moment = self.iso(f"{candidate}T{clock}")
            if moment <= limit:
                return self._not_ahead(moment)
        raise ValueError(f"day {text!r} is in no year")

    def clock(self, text: str) -> datetime:
        """Read a clock without a day, `10:00:00.123`: of the last day on which that was past."""
        today = self.reference.astimezone(self.zone).date()
        moment = self.iso(f"{today.isoformat()}T{text}")
        if moment > self.reference + timedelta(minutes=1):
            moment -= timedelta(days=1)
        return self._not_ahead(moment)

    def _not_ahead(self, moment: datetime) -> datetime:
        if moment <= self.now:
            return moment
        self.count_ahead += 1
        return self.now

    def epoch(self, value: float) -> datetime:
        """Read a count since 1970 in seconds, ms, µs or ns, told apart by its size."""
        for unit in (1, 1_000, 1_000_000, 1_000_000_000):
            # Each unit ends in the year 5138, where the next one begins with 1973.
            if OLDEST_EPOCH * unit <= abs(value) < OLDEST_EPOCH * unit * 1000:
                return _from_epoch(value, unit)
        raise ValueError(f"{value!r} is no count of seconds, ms, µs or ns since 1970")

    def read(self, value: object) -> datetime:
        """Read whatever JSON or logfmt hold as a time: a number, or text in a known shape."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self.epoch(value)
        raise ValueError(f"{str(value)[:80]!r} is not a time")

    def text(self, text: str) -> datetime:
        """Read text in any shape of SHAPES, or an e-mail's date, or digits counted since 1970."""
        text = text.strip()
        if _NUMBER.match(text):
            return self.epoch(float(text) if "." in text else int(text))
        for pattern, reader in _WHOLE:
            if found := pattern.match(text):
                return reader(self, found[0])
        try:
            return self.aware(parsedate_to_datetime(text))
        except (ValueError, TypeError, IndexError, OverflowError) as exc:
            raise ValueError(f"{text[:80]!r} is not a time in a known shape") from exc


def _from_epoch(value: float, unit: int) -> datetime:
    if isinstance(value, int):
        whole, rest = divmod(value, unit)
        moment = datetime.fromtimestamp(whole, UTC)
        return moment + timedelta(microseconds=rest * 1_000_000 // unit)
    return datetime.fromtimestamp(value / unit, UTC)


_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_ZONE = r" ?(?:Z|[+-]\d\d:?\d\d)\b"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"


def _clf(times: Times, text: str) -> datetime:
    return times.iso(f"{day(text[:11], '%d/%b/%Y')}T{text[12:]}")


def _dashed(times: Times, text: str) -> datetime:
    return times.iso(f"{day(text[:11], '%d-%b-%Y')}T{text[12:]}")


def _spaced(times: Times, text: str) -> datetime:
    return times.iso(f"{day(text[:11], '%d %b %Y')}T{text[12:]}")


def _ctime(times: Times, text: str) -> datetime:
    _, month, number, clock, year = text.split()
    return times.iso(f"{day(f'{number} {month} {year}', '%d %b %Y')}T{clock}")


def _bsd(times: Times, text: str) -> datetime:
    return times.without_year(text[:6], "%b %d", text[7:])


def _day_month(times: Times, text: str) -> datetime:
    return times.without_year(text[:6], "%d %b", text[7:])


def _klog(times: Times, text: str) -> datetime:
    return times.without_year(text[:4], "%m%d", text[5:])


def _short(times: Times, text: str) -> datetime:
    return times.iso(f"{day(text[:8], '%y/%m/%d')}T{text[9:]}")


def _digits(times: Times, text: str) -> datetime:
    return times.iso(f"{day(text[:6], '%y%m%d')}T{text[7:9]}:{text[9:11]}:{text[11:]}")


def _compact(times: Times, text: str) -> datetime:
    return times.iso(f"{day(text[:6], '%y%m%d')}T{text[7:].replace(' ', '0')}")


def _twelve(times: Times, text: str) -> datetime:
    return times.aware(datetime.strptime(text, "%b %d, %Y %I:%M:%S %p"))


SHAPES: dict[str, tuple[str, Callable[[Times, str], datetime]]] = {
    # 2026-11-24 10:00:00,123 +0100, also with T, and MariaDB's space-padded hour
    "iso": (
        rf"\d{{4}}-\d\d-\d\d[T ](?:{_CLOCK}| \d:\d\d:\d\d|\d\d:\d\d\b)(?:{_ZONE})?",
        Times.iso,
    ),
    "slashed": (
        rf"\d{{4}}/\d\d/\d\d {_CLOCK}(?:{_ZONE})?",
        Times.iso,
    ),  # 2026/11/24 10:00:00.123456
    "clf": (rf"\d\d/{_MONTH}/\d{{4}}[: ]{_CLOCK}(?:{_ZONE})?", _clf),  # 17/May/2015:10:05:03 +0000
    "dashed": (rf"\d\d-{_MONTH}-\d{{4}} {_CLOCK}", _dashed),  # 24-Nov-2026 10:00:00.123
    "spaced": (rf"\d\d {_MONTH} \d{{4}} {_CLOCK}", _spaced),  # 24 Nov 2026 10:00:00.123
    "ctime": (rf"[A-Z][a-z]{{2}} {_MONTH} [ \d]\d {_CLOCK} \d{{4}}", _ctime),
    "bsd": (rf"{_MONTH} [ \d]\d {_CLOCK}", _bsd),  # Mar  7 13:06:56
    "day_month": (rf"\d\d {_MONTH} {_CLOCK}", _day_month),  # 24 Nov 10:00:00.123
    "klog": (r"\d{4} \d\d:\d\d:\d\d\.\d{6}", _klog),  # 1124 10:00:00.123456
    "short": (rf"\d\d/\d\d/\d\d {_CLOCK}", _short),  # 17/06/09 20:10:40
    "digits": (r"\d{6} \d{6}", _digits),  # 081109 203615
    "compact": (r"\d{6} [ \d]\d:\d\d:\d\d", _compact),  # 261124  9:00:00
    "twelve": (rf"{_MONTH} \d{{1,2}}, \d{{4}} \d{{1,2}}:\d\d:\d\d [AP]M", _twelve),
    "epoch": (r"\d{10}(?:\.\d{1,9})?", Times.text),
    "clock": (_CLOCK, Times.clock),  # 10:00:00.123
}
"""Shape of a time to the expression that finds it and the function that reads what it found."""

_WHOLE = [(re.compile(rf"(?:{shape})\Z"), reader) for shape, reader in SHAPES.values()]
_NUMBER = re.compile(r"\d+(?:\.\d+)?\Z")
