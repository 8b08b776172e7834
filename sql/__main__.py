"""`python -m sql COMMAND`: install, look after, and remove what is in the database."""

import argparse
import sys
import time

from sql import docs
from sql.database import Database, connect
from sql.errors import DatabaseError
from sql.migrate import migrate
from sql.prune import prune
from sql.uninstall import uninstall


def run_migrate(database: Database, options: argparse.Namespace) -> None:
    """Bring the schema up to date and say what changed."""
    done = migrate(database)
    print("applied " + ", ".join(done) if done else "up to date")


def run_refresh(database: Database, options: argparse.Namespace) -> None:
    """Refresh all statistics views and say how long it took."""
    started = time.perf_counter()
    with database.transaction():
        database.execute("schema.refresh")
    print(f"refreshed in {time.perf_counter() - started:.2f} s")


def run_status(database: Database, options: argparse.Namespace) -> None:
    """Print what is installed and how fresh it is, a line each."""
    with database.transaction():
        for name, value in database.row("schema.status").items():
            print(f"{name:24} {value}")


def run_docs(database: Database, options: argparse.Namespace) -> None:
    """Write docs/views.md from the comments in the database."""
    docs.PAGE.write_text(docs.page(database), encoding="utf-8")
    print(f"wrote {docs.PAGE.relative_to(docs.PAGE.parents[1])}")


def run_prune(database: Database, options: argparse.Namespace) -> None:
    """Drop old predictions, rollups, batches, templates and alerts, and say how many."""
    went = prune(database, options.keep, options.keep_rollups)
    print(
        f"dropped {went.partitions} partitions with {went.predictions:,} predictions, "
        f"forgot {went.rollup_rows:,} rows of rollups, {went.batches:,} batches, "
        f"{went.templates:,} templates and {went.alerts:,} alerts"
    )


def run_uninstall(database: Database, options: argparse.Namespace) -> None:
    """Show what is installed, ask, remove it, and say what became of the roles."""

    def is_wanted(description: str) -> bool:
        print(description)
        if options.yes:
            return True
        if not sys.stdin.isatty():
            raise DatabaseError("nobody is at a terminal to be asked: say --yes to remove it")
        return input("Remove it? [yes/no] ").strip().lower() == "yes"

    roles = uninstall(database, is_wanted, options.drop_logs)
    print("nothing was removed" if roles is None else "\n".join(["removed", *roles]))


COMMANDS = {
    "migrate": run_migrate,
    "refresh": run_refresh,
    "status": run_status,
    "docs": run_docs,
    "prune": run_prune,
    "uninstall": run_uninstall,
}


def days(given: str) -> int:
    """Return the days that `90d` means."""
    number = given.removesuffix("d")
    if not number.isascii() or not number.isdecimal() or number == given:
        raise argparse.ArgumentTypeError(f"{given!r} is no number of days; expected 90d")
    return int(number)


def parser() -> argparse.ArgumentParser:
    """Return what reads the command's words."""
    words = argparse.ArgumentParser(
        prog="python -m sql", description="Look after the database that DATABASE_URL names."
    )
    commands = words.add_subparsers(dest="command", required=True, metavar="COMMAND")
    added = {
        name: commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        for name, run in COMMANDS.items()
    }
    keep, rollups = (
        "days of predictions to keep, as in 90d",
        "days of rollups, and of what nothing refers to, to keep (400d)",
    )
    added["prune"].add_argument("--keep", type=days, required=True, help=keep)
    added["prune"].add_argument("--keep-rollups", type=days, default=400, help=rollups)
    added["uninstall"].add_argument("--yes", action="store_true", help="do not ask")
    added["uninstall"].add_argument(
        "--drop-logs", action="store_true", help="remove log_entries even if logs are in it"
    )
    return words


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code: 0 done, 1 the database failed, 2 wrong words."""
    options = parser().parse_args(arguments)
    try:
        database = connect()
        COMMANDS[options.command](database, options)
    except DatabaseError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
