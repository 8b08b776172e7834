"""The formats that are known, in the order in which a draw between them is decided."""

from ingest.errors import BadOption
from ingest.formats import (
    go,
    java,
    json_lines,
    logfmt,
    plain,
    postgresql,
    python,
    servers,
    syslog,
    web,
)
from ingest.formats.format import Format

FORMATS: dict[str, Format] = {
    each.name: each
    for family in (json_lines, syslog, web, postgresql, servers, java, python, go, logfmt, plain)
    for each in family.FORMATS
}
"""Name to format: the specific ones first, plain text last."""

PLAIN = FORMATS["plain"]


def format_named(name: str) -> Format:
    """Return the format `name`; BadOption says which names there are."""
    if name not in FORMATS:
        raise BadOption(f"no format is named {name!r}; there are {', '.join(FORMATS)}")
    return FORMATS[name]
