"""`python -m sql migrate|refresh|status|docs|prune`: install, refresh and look at the database."""

import argparse
import sys
import time

from sql import docs
from sql.database import Database, connect
from sql.errors import DatabaseError
from sql.migrate import migrate
from sql.prune import prune


def run_migrate(database: Database) -> None:
    """Bring the schema up to date and say what changed."""
    done = migrate(database)
    print("applied " + ", ".join(done) if done else "up to date")


def run_refresh(database: Database) -> None:
    """Refresh all statistics views and say how long it took."""
    started = time.perf_counter()
    with database.transaction():
        database.execute("schema.refresh")
    print(f"refreshed in {time.perf_counter() - started:.2f} s")


def run_status(database: Database) -> None:
    """Print what is installed and how fresh it is, a line each."""
    with database.transaction():
        for name, value in database.row("schema.status").items():
            print(f"{name:24} {value}")


def run_docs(database: Database) -> None:
    """Write docs/views.md from the comments in the database."""
    docs.PAGE.write_text(docs.page(database), encoding="utf-8")
    print(f"wrote {docs.PAGE.relative_to(docs.PAGE.parents[1])}")


COMMANDS = {
    "migrate": run_migrate,
    "refresh": run_refresh,
    "status": run_status,
    "docs": run_docs,
}


def days(given: str) -> int:
    """Return the days that `90d` means."""
    number = given.removesuffix("d")
    if not number.isascii() or not number.isdecimal() or number == given:
        raise argparse.ArgumentTypeError(f"{given!r} is no number of days; expected 90d")
    return int(number)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code: 0 done, 1 the database failed, 2 wrong words."""
    parser = argparse.ArgumentParser(
        prog="python -m sql",
        description="Install, refresh and look at the database that DATABASE_URL names.",
    )
    parser.add_argument("command", choices=[*COMMANDS, "prune"], help="what to do")
    parser.add_argument("--keep", type=days, help="prune: days of predictions to keep, as in 90d")
    parser.add_argument("--keep-rollups", type=days, default=400, help="prune: of rollups (400d)")
    options = parser.parse_args(arguments)
    if (options.command == "prune") != (options.keep is not None):
        parser.error("prune takes --keep, as in `prune --keep 90d`; other commands do not")
    try:
        database = connect()
        if options.command == "prune":
            went = prune(database, options.keep, options.keep_rollups)
            print(
                f"dropped {went.partitions} partitions with {went.predictions:,} predictions, "
                f"forgot {went.rollup_rows:,} rows of rollups"
            )
        else:
            COMMANDS[options.command](database)
    except DatabaseError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
