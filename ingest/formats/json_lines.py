"""One JSON object a line: structlog, pino, bunyan, zap, logrus, logstash, ECS, GELF, Serilog,
MongoDB, Docker's json-file, journald's export, PostgreSQL's jsonlog and CloudNativePG.
"""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NoReturn

from ingest.entry import Entry
from ingest.formats.format import Following, Format
from ingest.formats.severities import MONGODB_LEVELS, PINO_LEVELS, SYSLOG_SEVERITIES
from ingest.times import Times

ROLES = {
    "time": "time timestamp @timestamp @t ts t datetime date asctime timemillis eventtime "
    "event_time log_time logtime __realtime_timestamp instant created_at created",
    "level": "level log.level levelname level_name loglevel log_level lvl severity severity_text "
    "severitytext error_severity @l priority s",
    "message": "message msg @m @mt event short_message log text body event_message",
    "source": "service.name service service_name app application app_name appname program "
    "syslog_identifier process_name name logger log.logger logger_name loggername",
    "host": "host.name host hostname host_name _hostname node nodename pod logging_pod",
    "trace_id": "trace_id traceid trace.id trace dd.trace_id oteltraceid x-trace-id",
}
"""Role to the names of keys that play it, lower-case, the strongest first."""

CONDITIONS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "name": lambda found: "pid" in found,  # pino's and bunyan's; elsewhere anything has a name
    "s": lambda found: isinstance(found.get("t"), dict),  # MongoDB's
    "priority": lambda found: "MESSAGE" in found or not str(found["priority"]).isdecimal(),
    "event": lambda found: isinstance(found["event"], str),
    "log": lambda found: isinstance(found["log"], str),
}
"""Names that play their role only in some company."""

_RANKED = {
    key: (role, rank) for role, keys in ROLES.items() for rank, key in enumerate(keys.split())
}
_NESTED = {key.split(".")[0] for key in _RANKED if "." in key}


@lru_cache(4096)
def role_of(key: str) -> tuple[str, int] | None:
    """Return the role that `key` plays and its rank (0 is the strongest), or None."""
    return _RANKED.get(key.lower())


def refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which JSON does not have and jsonb does not hold."""
    raise ValueError(f"{name} is not JSON")


LIMIT_DEPTH = 64
"""Levels of nesting that are read; the parser, and the server's stack, end at some thousands."""

_decode = json.JSONDecoder(parse_constant=refuse_constant).decode


def parse(line: str, times: Times) -> Entry | None:
    """Read one object; None if `line` does not begin like one."""
    if not line.lstrip(" \t").startswith("{"):
        return None
    try:
        found = _decode(line)
    except RecursionError as exc:
        raise ValueError(f"nested deeper than {LIMIT_DEPTH} levels") from exc
    if line.count("{") + line.count("[") > LIMIT_DEPTH:
        check_depth(found)
    return entry_of(unwrapped(found), line, times)


def check_depth(found: dict[str, Any]) -> None:
    """Raise ValueError if `found` is nested deeper than LIMIT_DEPTH."""
    level: list[Any] = [found]
    for _ in range(LIMIT_DEPTH):
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
    if any(isinstance(value, dict | list) for value in level):
        raise ValueError(f"nested deeper than {LIMIT_DEPTH} levels")


def unwrapped(found: dict[str, Any]) -> dict[str, Any]:
    """Lift what a wrapper carries: CloudNativePG's `record`, the groups of ECS (`log.level`).

    The level beside a `record` is dropped: it is the operator's, always `info`.
    """
    record = found.get("record")
    if found.get("msg") == "record" and isinstance(record, dict) and "message" in record:
        outer = {
            key: value for key, value in found.items() if key not in ("record", "msg", "level")
        }
        return outer | record
    if not _NESTED.isdisjoint(found):
        return dict(_flat(found))
    return found


def _flat(found: dict[str, Any]) -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for key, value in found.items():
        if key in _NESTED and isinstance(value, dict):
            flat.extend((f"{key}.{inner}", what) for inner, what in value.items())
        else:
            flat.append((key, value))
    return flat


def entry_of(found: dict[str, Any], line: str, times: Times) -> Entry:
    """Make an entry of an object: keys with a role become its fields, the rest attributes."""
    best: dict[str, tuple[int, str]] = {}
    for key, value in found.items():
        ranked = role_of(key)
        if ranked is None or value is None or value == "":
            continue
        role, rank = ranked
        if key in CONDITIONS and not CONDITIONS[key](found):
            continue
        if role not in best or rank < best[role][0]:
            best[role] = (rank, key)
    taken = {role: key for role, (_, key) in best.items()}
    entry = Entry(message=_message(found[taken["message"]]) if "message" in taken else line)
    if "time" in taken:
        _read_time(entry, found[taken["time"]], times)
        if entry.error:
            del taken["time"]
    if "level" in taken:
        entry.level = level_of(found, taken["level"])
    for name in ("source", "host", "trace_id"):
        if name in taken:
            setattr(entry, name, _text(found[taken[name]]))
    keys = set(taken.values())
    entry.attributes = {key: value for key, value in found.items() if key not in keys}
    return entry


def _read_time(entry: Entry, value: Any, times: Times) -> None:
    if isinstance(value, dict):  # MongoDB's {"$date": …}, log4j's {"epochSecond": …}
        value = value.get("$date", value.get("epochSecond"))
    try:
        entry.logged_at = times.read(value)
    except (ValueError, OverflowError, OSError) as exc:
        entry.error = str(exc)


def level_of(found: dict[str, Any], key: str) -> str:
    """Return the declared level; numbers and letters are named by the library that uses them."""
    declared = _text(found[key])
    if key == "s":
        return MONGODB_LEVELS.get(declared, "debug" if declared.startswith("D") else declared)
    if not declared.isdecimal():
        return declared
    if "short_message" in found or "MESSAGE" in found:  # GELF and journald count like syslog.
        return SYSLOG_SEVERITIES.get(int(declared), declared)
    return PINO_LEVELS.get(int(declared), declared)


def _message(value: Any) -> str:
    """Return a message; journald's are lists of bytes where they are not printable UTF-8."""
    if isinstance(value, list) and value and all(type(byte) is int for byte in value):
        try:
            return bytes(value).decode("utf-8", "replace")
        except ValueError:  # Numbers beyond a byte: whatever it is, it is no text.
            pass
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.rstrip("\n")
    return json.dumps(value, ensure_ascii=False)


FORMATS = [Format("json", "JSON lines", parse, Following.NONE)]
