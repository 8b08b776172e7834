"""`python -m sql migrate|refresh|status|docs`: install, refresh and look at the database."""

import argparse
import sys
import time

from sql import docs
from sql.database import Database, connect
from sql.errors import DatabaseError
from sql.migrate import migrate


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


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code: 0 done, 1 the database failed, 2 wrong words."""
    parser = argparse.ArgumentParser(
        prog="python -m sql",
        description="Install, refresh and look at the database that DATABASE_URL names.",
    )
    parser.add_argument("command", choices=COMMANDS, help="what to do")
    options = parser.parse_args(arguments)
    try:
        database = connect()
        COMMANDS[options.command](database)
    except DatabaseError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
