"""What a request may say: each kind of parameter, how it is read and how it is described."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from api._problems import Problem

Binds = dict[str, Any]
SMALLEST, LARGEST = -(2**63), 2**63 - 1
MOST_FIELDS = 50
LONGEST_TEXT = 500
TIME = "a time such as 2026-01-31T13:45:00Z"
CURSOR = r"^(-?[0-9]{1,18})~(-?[0-9]{1,19})$"


class Parameter(NamedTuple):
    """One parameter of an action: `read` turns its text into named values of the statement."""

    name: str
    about: str
    expected: str
    schema: dict[str, Any]
    read: Callable[[str], Binds]
    absent: Binds
    is_required: bool = False


def fields(query: str) -> dict[str, str]:
    """Return the parameters in a query string; Problem 400 when it is not one."""
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
        )
    except UnicodeDecodeError as exc:
        raise Problem(400, "The query string is not UTF-8: encode it so.") from exc
    except ValueError as exc:
        raise Problem(400, f"The query string has more than {MOST_FIELDS} parameters.") from exc
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in given:
            raise Problem(400, f"{name} is given twice: give it once.")
        given[name] = value
    return given


def read_all(parameters: Iterable[Parameter], given: dict[str, str]) -> Binds:
    """Return the statement's values for `given`.

    Names that begin with `_` or `x-` are somebody else's (cache breakers, the host's own) and are
    passed over. Raises Problem 400 that names key, value and what was expected.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known and not name.startswith(("_", "x-")):
            there = ", ".join(known) or "none"
            raise Problem(400, f"{name!r} is no parameter here; there are: {there}.")
    binds: Binds = {}
    for name, parameter in known.items():
        if name in given:
            binds |= _read(parameter, given[name])
        elif parameter.is_required:
            raise Problem(400, f"{name} is missing; expected {parameter.expected}.")
        else:
            binds |= parameter.absent
    return binds


def _read(parameter: Parameter, value: str) -> Binds:
    try:
        return parameter.read(value)
    except (ValueError, OverflowError) as exc:
        shown = value if len(value) <= 60 else value[:60] + "…"
        raise Problem(
            400, f"{parameter.name} is {shown!r}; expected {parameter.expected}."
        ) from exc


def text(name: str, about: str) -> Parameter:
    """Free text without NUL, which PostgreSQL cannot hold."""

    def read(value: str) -> Binds:
        if "\0" in value or len(value) > LONGEST_TEXT:
            raise ValueError(name)
        return {name: value}

    expected = f"text of at most {LONGEST_TEXT} characters, without NUL"
    schema = {"type": "string", "maxLength": LONGEST_TEXT, "pattern": r"^[^\u0000]*$"}
    return Parameter(name, about, expected, schema, read, {name: None})


def whole(name: str, about: str, default: int, low: int, high: int, bind: str = "") -> Parameter:
    """A whole number from `low` to `high`; the statement knows it as `bind`."""
    bind = bind or name

    def read(value: str) -> Binds:
        number = _integer(value)
        if not low <= number <= high:
            raise ValueError(value)
        return {bind: number}

    schema = {"type": "integer", "minimum": low, "maximum": high, "default": default}
    expected = f"a whole number from {low} to {high}"
    return Parameter(name, about, expected, schema, read, {bind: default})


def identity(name: str, about: str, is_required: bool = False) -> Parameter:
    """An identifier of 64 bits, written as a decimal number."""

    def read(value: str) -> Binds:
        number = _integer(value)
        if not SMALLEST <= number <= LARGEST:
            raise ValueError(value)
        return {name: number}

    schema = {"type": "string", "pattern": r"^-?[0-9]{1,19}$"}
    expected = "a whole number of 64 bits"
    return Parameter(name, about, expected, schema, read, {name: None}, is_required)


def choice(
    name: str,
    about: str,
    options: tuple[str, ...],
    default: str | None,
    is_required: bool = False,
) -> Parameter:
    """One word out of `options`."""

    def read(value: str) -> Binds:
        if value not in options:
            raise ValueError(value)
        return {name: value}

    schema: dict[str, Any] = {"type": "string", "enum": list(options)}
    if default is not None:
        schema["default"] = default
    expected = ("one of " if len(options) > 1 else "") + ", ".join(options)
    return Parameter(name, about, expected, schema, read, {name: default}, is_required)


def choices(name: str, about: str, options: tuple[str, ...]) -> Parameter:
    """One or several words out of `options`, with commas between them."""

    def read(value: str) -> Binds:
        words = value.split(",")
        if not set(words) <= set(options):
            raise ValueError(value)
        return {name: words}

    schema = {"type": "array", "items": {"type": "string", "enum": list(options)}, "minItems": 1}
    expected = f"one or several of {', '.join(options)}, joined by commas"
    return Parameter(name, about, expected, schema, read, {name: None})


def flag(name: str, about: str) -> Parameter:
    """Yes or no."""

    def read(value: str) -> Binds:
        if value not in ("true", "false"):
            raise ValueError(value)
        return {name: value == "true"}

    return Parameter(name, about, "true or false", {"type": "boolean"}, read, {name: None})


def moment(name: str, about: str) -> Parameter:
    """A point in time, in UTC where no offset is given."""

    def read(value: str) -> Binds:
        return {name: _time(value)}

    schema = {"type": "string", "format": "date-time"}
    return Parameter(name, about, TIME, schema, read, {name: None})


def cursor(name: str, about: str) -> Parameter:
    """A place in a list by time and id, MICROSECONDS~ID: what `next` of the page before was."""

    def read(value: str) -> Binds:
        if not (match := re.fullmatch(CURSOR, value, re.ASCII)):
            raise ValueError(value)
        number = min(max(int(match[2]), SMALLEST), LARGEST)
        return {f"{name}_at": _since_epoch(int(match[1])), f"{name}_id": number}

    absent = {f"{name}_at": None, f"{name}_id": None}
    expected = "what `next` of the page before was"
    return Parameter(name, about, expected, {"type": "string", "pattern": CURSOR}, read, absent)


def _integer(value: str) -> int:
    """Read a decimal number; `int` alone would take spaces, underscores and other scripts."""
    if not re.fullmatch(r"-?\d{1,19}", value, re.ASCII):
        raise ValueError(value)
    return int(value)


def _time(value: str) -> datetime:
    time = datetime.fromisoformat(value)
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)


def _since_epoch(microseconds: int) -> datetime:
    """Return the time so long after 1970 began, or the first or last there is."""
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    except OverflowError:
        return (datetime.min if microseconds < 0 else datetime.max).replace(tzinfo=UTC)
