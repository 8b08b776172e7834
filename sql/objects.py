"""What these files make in a schema, read from the files themselves: nothing is listed twice."""

import re
from collections.abc import Collection
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


def made(migrations: Collection[str] | None = None) -> list[Made]:
    """Return everything that the files make, in the order in which they make it.

    With `migrations` (names as in the ledger) only what these make. Partitions come and go with
    their tables, indexes and triggers too.
    """
    folders = ("migrations", "functions", "views") if migrations is None else ("migrations",)
    paths = [path for folder in folders for path in sorted((HERE / folder).glob("*.sql"))]
    found = [Made("table", LEDGER)]
    for path in paths:
        if migrations is not None and path.stem not in migrations:
            continue
        text = path.read_text(encoding="utf-8")
        partitions = set(_PARTITION.findall(text))
        found += [Made(*pair) for pair in _MADE.findall(text) if pair[1] not in partitions]
        if path.parent.name == "migrations":
            gone = set(_DROPPED.findall(text))
            found = [each for each in found if each.name not in gone]
    return found


def installed(applied: Collection[str]) -> dict[str, list[str]]:
    """Return by kind (tables, views, functions, types) what a ledger of these names has made."""
    found: dict[str, list[str]] = {"tables": [], "views": [], "functions": [], "types": []}
    for kind, name in made(applied):
        found["views" if kind == "materialized view" else f"{kind}s"].append(name)
    for entry in applied:
        folder, _, name = entry.partition("/")
        if folder in ("views", "functions"):
            found[folder].append(name)
    return found


def names() -> list[str]:
    """Return the names of all that is made."""
    return [each.name for each in made()]
