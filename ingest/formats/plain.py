"""What is left: lines that begin with a time and perhaps a level, and lines of no structure."""

from ingest.entry import Entry
from ingest.formats.format import Following, Format
from ingest.formats.layout import Layouts
from ingest.times import Times

_TIMESTAMPED = Layouts(
    "{time:iso} [{level}] {message}",
    "[{time:iso}] [{level}] {message}",
    "{time:iso} {level:upper_level}{_:separator}{message}",
    "[{time:iso}] {level:upper_level}{_:separator}{message}",
    "[{time:iso} {level:upper_level}{_:separator}{logger:word}] {message}",  # Rust's env_logger
    "{time:iso}{_:separator}{message}",
    "[{time:iso}]{_:separator}{message}",
    "[{time:clf}] {message}",  # Django's runserver, PHP's built-in server
    "{time:ctime} {message}",
    "{time:epoch}: {message}",  # Mosquitto
)


def parse_plain(line: str, _times: Times) -> Entry | None:
    """Take the line as the message."""
    return Entry(line)


FORMATS = [
    Format("timestamped", "lines that begin with a time", _TIMESTAMPED.parse, Following.FREE,
           is_generic=True),
    Format("plain", "plain text", parse_plain, Following.INDENTED, is_generic=True),
]  # fmt: skip
