"""What these files make in a schema, read from the files themselves: nothing is listed twice."""

import re
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
LEDGER = "logkiln_migrations"

_MADE = re.compile(
    r"^create (?:or replace )?(materialized view|table|view|type|function) (\w+)", re.MULTILINE
)
_PARTITION = re.compile(r"^create table (\w+) partition of", re.MULTILINE)
_DROPPED = re.compile(r"^drop (?:table|view|type) (?:if exists )?(\w+)", re.MULTILINE)


class Made(NamedTuple):
    """An object of ours: `kind` as SQL calls it, and its name."""

    kind: str
    name: str


def made() -> list[Made]:
    """Return everything that the files make, in the order in which they make it.

    Partitions come and go with their tables, indexes and triggers too.
    """
    folders = ("migrations", "functions", "views")
    paths = [path for folder in folders for path in sorted((HERE / folder).glob("*.sql"))]
    found = [Made("table", LEDGER)]
    for path in paths:
        text = path.read_text(encoding="utf-8")
        partitions = set(_PARTITION.findall(text))
        found += [Made(*pair) for pair in _MADE.findall(text) if pair[1] not in partitions]
        if path.parent.name == "migrations":
            gone = set(_DROPPED.findall(text))
            found = [each for each in found if each.name not in gone]
    return found


def names(*kinds: str) -> list[str]:
    """Return the names of all that is made, or of what is of certain kinds."""
    return [each.name for each in made() if not kinds or each.kind in kinds]
