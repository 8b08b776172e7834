"""Servers of the network: Squid, HAProxy on standard error, BIND, Dovecot."""

import re

from ingest.entry import Entry
from ingest.formats.format import Following, Format
from ingest.formats.layout import Layouts
from ingest.formats.web import PHRASES
from ingest.times import SHAPES, Times

# time elapsed client result/status bytes method URL user hierarchy/peer type
_SQUID_ACCESS = re.compile(
    r"(?P<time>\d{9,10}\.\d{3}) +(?P<elapsed_ms>\d{1,12}) (?P<client>\S+) "
    r"(?P<result>[A-Z_]+)/(?P<status>\d{3}) (?P<bytes>\d{1,18}) (?P<method>\S+) (?P<path>\S+) "
    r"(?P<user>\S+) (?P<hierarchy>[A-Z_]+/\S+) (?P<type>\S+)\s*\Z",
    re.DOTALL,
)
_SQUID_CACHE = Layouts(
    "{time:slashed}{_:kid}| {level:squid}: {message}",
    "{time:slashed}{_:kid}| {message}",
    kid=r"(?: kid\d+)?",
    squid=r"FATAL|ERROR|WARNING|SECURITY [A-Z]+|Startup|DEBUG",
)
_HAPROXY = Layouts("[{level:haproxy}] ({pid}) : {message}", haproxy=r"[A-Z]{4,8}")
_BIND = Layouts(
    "{time:iso} {category}: {level:bind}: {message}",
    "{time:dashed} {category}: {level:bind}: {message}",
    category=r"[a-z][a-z-]{1,30}",
    bind=r"critical|error|warning|notice|info|debug \d{1,3}",
)
# `lmtp(user@example.org)<267><WAx6NaAx>: Debug: text`; of what has no user yet, `lmtp(318)`.
_DOVECOT = re.compile(
    rf"(?P<time>{SHAPES['iso'][0]}|{SHAPES['bsd'][0]}) (?:dovecot: )?"
    r"(?P<service>[a-z][a-z0-9-]{0,40})(?:\((?P<user>[^()]{1,255})\))?(?:<(?P<pid>\d{1,10})>)?"
    r"(?:<(?P<session>[^<>]{0,64})>)?: (?P<level>Debug|Info|Warning|Error|Fatal|Panic): "
    r"(?P<message>.*)\Z",
    re.DOTALL,
)


def parse_squid_access(line: str, times: Times) -> Entry | None:
    """Read Squid's own access log; the message is as of a web server's."""
    found = _SQUID_ACCESS.match(line)
    if found is None:
        return None
    status = int(found["status"])
    attributes = found.groupdict()
    del attributes["time"]
    return Entry(
        f"{found['method']} {found['path']} {status} {PHRASES.get(status, '')}".rstrip(),
        logged_at=times.text(found["time"]),
        attributes={
            name: int(value) if name in ("elapsed_ms", "status", "bytes") else value
            for name, value in attributes.items()
            if value != "-"
        },
    )


def parse_dovecot(line: str, times: Times) -> Entry | None:
    """Read `2026-11-24 10:00:00 imap-login: Info: text`, also with syslog's kind of time."""
    found = _DOVECOT.match(line)
    if found is None:
        return None
    read = SHAPES["iso" if line[0].isdigit() else "bsd"][1]
    entry = Entry(found["message"], logged_at=read(times, found["time"]), level=found["level"])
    for name in ("service", "user", "pid", "session"):
        if value := found[name]:
            entry.attributes[name] = int(value) if name == "pid" else value
    return entry


FORMATS = [
    Format("squid_access", "Squid access log", parse_squid_access, Following.NONE),
    Format("squid", "Squid cache log", _SQUID_CACHE.parse, Following.FREE),
    Format("haproxy", "HAProxy", _HAPROXY.parse, Following.FREE),
    Format("bind", "BIND", _BIND.parse, Following.FREE),
    Format("dovecot", "Dovecot", parse_dovecot, Following.FREE),
]
