"""Web servers: the access log of Apache and nginx, and the error log of each."""

import re
from http import HTTPStatus

from ingest.entry import Entry
from ingest.formats.format import Absorbed, Following, Format
from ingest.formats.layout import Layouts
from ingest.times import SHAPES, Times

PHRASES = {status.value: status.phrase for status in HTTPStatus} | {
    444: "Closed Without Response", 494: "Request Header Too Large",
    495: "SSL Certificate Error", 496: "SSL Certificate Required",
    497: "HTTP Request Sent to HTTPS Port", 499: "Client Closed Request",
}  # fmt: skip
"""Status to its phrase; those beyond the standard are nginx's."""

# [virtual host] client identity user [time] "request" status bytes ["referer" "agent" …]
_ACCESS = re.compile(
    r'(?:(?P<virtual_host>[^\s"]+) )?(?P<client>(?!- )[^\s"]+) (?P<identity>\S+) '
    rf'(?P<user>\S+(?: \S+)?) \[(?P<time>{SHAPES["clf"][0]})\] "(?P<request>(?:[^"\\]++|\\.)*+)" '
    r"(?P<status>\d{3}) (?P<bytes>\d{1,18}|-)"
    r'(?: "(?P<referer>(?:[^"\\]++|\\.)*+)" "(?P<agent>(?:[^"\\]++|\\.)*+)")?(?: (?P<more>.*))?\Z',
    re.DOTALL,
)
_REQUEST = re.compile(r"([A-Z]{1,20}) (\S+)(?: (HTTP/[\d.]+))?\Z")
_read_clf = SHAPES["clf"][1]


def parse_access(line: str, times: Times) -> Entry | None:
    """Read the common or combined format; the level stays null, since none is declared.

    The message is `GET /orders 404 Not Found`: the phrase tells in words what a masked number
    would hide.
    """
    found = _ACCESS.match(line)
    if found is None:
        return None
    status = int(found["status"])
    request = found["request"]
    entry = Entry("", logged_at=_read_clf(times, found["time"]))
    attributes = entry.attributes
    if parts := _REQUEST.match(request):
        attributes["method"], attributes["path"], protocol = parts.groups()
        if protocol:
            attributes["protocol"] = protocol
        request = f"{parts[1]} {parts[2]}"
    attributes["status"] = status
    attributes["bytes"] = 0 if found["bytes"] == "-" else int(found["bytes"])
    for name in ("client", "user", "identity", "referer", "agent", "virtual_host", "more"):
        if (value := found[name]) and value != "-":
            attributes[name] = value
    entry.message = f"{request or '-'} {status} {PHRASES.get(status, '')}".rstrip()
    return entry


_APACHE_ERROR = Layouts(
    "[{time:ctime}] [{module:file}:{level:level_or_any}] [pid {pid}:tid {tid}] {message}",
    "[{time:ctime}] [{module:file}:{level:level_or_any}] [pid {pid}] {message}",
    "[{time:ctime}] [{level:level_or_any}] {message}",
)
_CLIENT = re.compile(r"\[(?:client|remote) (?P<client>\S{1,64})\] ?")
_REFERER = re.compile(r", referer: (\S*)\Z")


def parse_apache_error(line: str, times: Times) -> Entry | None:
    """Read `[Wed Jan 29 00:00:02.1 2024] [core:error] [pid 7] [client 10.0.0.1:80] AH1: text`."""
    entry = _APACHE_ERROR.parse(line, times)
    if entry is None:
        return None
    if found := _CLIENT.search(entry.message, 0, 400):
        entry.attributes["client"] = found["client"]
        entry.message = entry.message[: found.start()] + entry.message[found.end() :]
    if found := _REFERER.search(entry.message, max(0, len(entry.message) - 2000)):
        entry.attributes["referer"] = found[1]
        entry.message = entry.message[: found.start()]
    return entry


_NGINX_ERROR = Layouts(
    "{time:slashed} [{level:level_or_any}] {pid}#{tid}: *{connection:line} {message}",
    "{time:slashed} [{level:level_or_any}] {pid}#{tid}: {message}",
)
# What nginx appends about the request: `, client: 10.0.0.1, server: _, request: "GET / …"`.
_CONTEXT = re.compile(
    r", (client|server|request|subrequest|upstream|host|referrer|login): "
    r'("(?:[^"\\]++|\\.)*+"|[^,"]*+)'
)


def parse_nginx_error(line: str, times: Times) -> Entry | None:
    """Read `2024/01/01 10:00:00 [error] 7#7: *1 open() failed (2: No such file), client: …`."""
    entry = _NGINX_ERROR.parse(line, times)
    if entry is not None:
        take_context(entry)
    return entry


def take_context(entry: Entry) -> None:
    """Move what nginx appends about the request from the message to the attributes."""
    begin = entry.message.find(", client: ")
    if begin < 0:
        return
    position = begin
    while found := _CONTEXT.match(entry.message, position):
        entry.attributes[found[1]] = found[2].strip('"')
        position = found.end()
    entry.message = entry.message[:begin] + entry.message[position:]


def absorb_context(entry: Entry, line: str) -> Absorbed | None:
    """Take the last line of a message in several (PHP's), which carries what nginx appends."""
    if ", client: " not in line or "client" in entry.attributes:
        return None
    tail = Entry(line)
    take_context(tail)
    entry.attributes.update(tail.attributes)
    return Absorbed(tail.message)


FORMATS = [
    Format("access", "access log of Apache or nginx", parse_access, Following.NONE),
    Format("apache_error", "Apache error log", parse_apache_error, Following.FREE),
    Format("nginx_error", "nginx error log", parse_nginx_error, Following.FREE, absorb_context),
]
