"""Python: the logging module's common formats, and those of the servers and libraries around it."""

import re

from ingest.entry import Entry
from ingest.formats.format import Following, Format
from ingest.formats.layout import Layouts
from ingest.times import Times

_TIMED = Layouts(
    "[{time:iso}] [{pid}] [{level}] {message}",  # gunicorn
    "[{time:iso}: {level}/{process:word}] {message}",  # Celery
    "[{time:iso}] {level} in {module:word}: {message}",  # Flask
    "{time:iso} | {level} | {logger:word} - {message}",  # loguru
    "{time:iso} - {logger} - {level} - {message}",  # the documentation's own example
    "{time:iso} [{logger}] {level}: {message}",  # Scrapy
    "{time:iso} {level} [{pid}] {logger} [{request_id:thread}] {message}",
    "{time:iso} {pid} {level} {logger} [{request_id:thread}] {message}",  # OpenStack
    "{time:iso} {level} [{pid}] {logger}: {message}",
    "{time:iso} [{level}] [{logger}] {message}",
    "{time:iso} [{level}] {logger}: {message}",
    "{time:iso} {level} [{logger}] {message}",
    "{time:iso} {level} {logger}: {message}",
    "{time:iso} - {level} - {message}",
    "{time:iso} {level} {logger:dotted} {message}",
    "{time:iso} {logger:dotted} {level} {message}",
    "{time:iso} {logger} [{level}] {message}",
    "{time:iso} {level}:{logger}:{message}",
    "[{time:iso}] {level} {logger}: {message}",
    "[{time:iso}] [{level}] {logger}: {message}",
    "[{time:iso}] {level}: {message}",
)
# `WARNING:app.orders:text` is basicConfig's own; `INFO:     text` is uvicorn's.
_UNTIMED = re.compile(
    r"(?P<level>TRACE|DEBUG|INFO|WARNING|ERROR|CRITICAL):"
    r"(?:(?P<logger>[^\s:]{1,200}):|[ ]{2,})(?P<message>.*)\Z",
    re.DOTALL,
)


def parse(line: str, times: Times) -> Entry | None:
    """Read one of the layouts; the logger becomes an attribute."""
    if line[:1].isalpha():
        found = _UNTIMED.match(line)
        if found is None:
            return None
        entry = Entry(found["message"], level=found["level"])
        if found["logger"]:
            entry.attributes["logger"] = found["logger"]
        return entry
    return _TIMED.parse(line, times)


FORMATS = [Format("python", "Python logging", parse, Following.FREE)]
