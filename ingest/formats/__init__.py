"""The formats that are known, in the order in which a draw between them is decided."""

from ingest.errors import BadOption
from ingest.formats import (
    container,
    go,
    java,
    json_lines,
    logfmt,
    network,
    plain,
    postgresql,
    python,
    stores,
    syslog,
    web,
)
from ingest.formats.format import Format

FAMILIES = (
    json_lines, container, network, syslog, web, postgresql, stores, java, python, go, logfmt, plain
)  # fmt: skip

FORMATS: dict[str, Format] = {each.name: each for family in FAMILIES for each in family.FORMATS}
"""Name to format: the specific ones first, plain text last."""

PLAIN = FORMATS["plain"]


def format_named(name: str) -> Format:
    """Return the format `name`; BadOption says which names there are."""
    if name not in FORMATS:
        raise BadOption(f"no format is named {name!r}; there are {', '.join(FORMATS)}")
    return FORMATS[name]
