"""`python -m sql uninstall`: remove what was installed, after showing it, and nothing else.

What is ours is read from the ledger of the schema. Nothing cascades: objects of others that need
ours are named, and nothing is removed. Logs stay, in whatever table, unless told otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sql import objects
from sql.database import Database
from sql.errors import DatabaseError, NotInstalled
from sql.migrate import ledger, refuse_newer

LOGS = "log_entries"
PARTITIONS_AT_ONCE = 100
"""Up to so many partitions everything goes in one transaction; of more, the first go before."""


@dataclass(frozen=True)
class Found:
    """What an installation is made of: names by kind, and what of it or beside it stays."""

    names: dict[str, list[str]]
    size: str
    keeps_logs: bool
    read_through: list[str]
    """Tables of others that the adapter reads."""

    @property
    def count_partitions(self) -> int:
        """Number of partitions."""
        return sum(len(names) for kind, names in self.names.items() if kind.startswith("partition"))


def find(database: Database, drop_logs: bool) -> Found:
    """Return, in the open transaction, what would be removed.

    Raises NotInstalled when there is nothing, SchemaError when a newer version installed it, and
    DatabaseError with the names of what others built on it.
    """
    applied = ledger(database)
    if not applied:
        raise NotInstalled(f"schema {database.schema!r} has no installation: nothing to remove")
    refuse_newer(applied)
    ours = objects.installed(applied)
    keeps_logs = not drop_logs and LOGS in ours["tables"] and database.value("uninstall.has_logs")
    if keeps_logs:
        ours["tables"].remove(LOGS)
    database.execute("uninstall.find", **ours)
    if others := [row["name"] for row in database.rows("uninstall.dependents")]:
        raise DatabaseError(
            f"{', '.join(others)} would break without what Logkiln installed in schema "
            f"{database.schema!r}; nothing was removed: drop or change them first"
        )
    names: dict[str, list[str]] = {}
    for row in database.rows("uninstall.listed"):
        names.setdefault(row["kind"], []).append(row["identity"])
    behind = [row["name"] for row in database.rows("uninstall.read_through")]
    return Found(
        names, database.value("uninstall.size"), keeps_logs, [n for n in behind if n != LOGS]
    )


def description(database: Database, found: Found) -> str:
    """Return what would be removed and what stays, for a person to read."""
    lines = [f"To be removed from schema {database.schema!r}, {found.size} in all:"]
    for kind, names in found.names.items():
        shown = f"{len(names)}" if kind.startswith("partition") else ", ".join(names)
        lines.append(f"  {kind}: {shown}")
    lines.append("  roles that Logkiln made, those that nothing else uses")
    if found.keeps_logs:
        lines.append(f"{LOGS} stays, with the logs in it; --drop-logs removes them, too.")
    lines += [
        f"{name} stays, with your logs and what an adapter added to it."
        for name in found.read_through
    ]
    return "\n".join(lines)


def uninstall(
    database: Database, is_wanted: Callable[[str], bool], drop_logs: bool = False
) -> list[str] | None:
    """Remove the installation if `is_wanted` says yes to its description; None if it says no.

    Returns a line for each role of ours: dropped, or kept and why. Cut off between partitions, it
    leaves an installation without these; run again, it goes on.
    """
    with database.transaction():
        shown = find(database, drop_logs)
    if not is_wanted(description(database, shown)):
        return None
    with database.transaction():
        left = begin(database, drop_logs)
        if left.names != shown.names:
            raise DatabaseError("the installation changed since it was shown: run again")
    while left.count_partitions > PARTITIONS_AT_ONCE:
        with database.transaction():
            left = begin(database, drop_logs)
            database.execute("uninstall.drop_partitions")
    with database.transaction():
        left = begin(database, drop_logs)
        database.execute("uninstall.drop")
        if left.keeps_logs:
            database.execute("uninstall.take_logs")
        database.execute("uninstall.find_roles")
        database.execute("uninstall.drop_roles")
        roles = database.rows("uninstall.roles")
    return [
        f"role {row['name']}: " + (f"kept: {row['kept']}" if row["kept"] else "dropped")
        for row in roles
    ]


def begin(database: Database, drop_logs: bool) -> Found:
    """Take, in the open transaction, the lock of migrations, and find what is there under it."""
    database.execute("uninstall.hurry")
    database.execute("schema.lock")
    database.execute("uninstall.hold_logs")
    return find(database, drop_logs)
