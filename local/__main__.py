"""`python -m local demo|doctor|postgres|clean`: the demo, a check-up, a PostgreSQL of one's own.

Exit codes: 0 done, 1 something failed and was named, 2 wrong words, 130 interrupted.
"""

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from ingest.errors import IngestError
from local import postgres
from local.errors import LocalError
from local.programs import version_of
from sql.errors import DatabaseError

HOME = Path(__file__).parents[1] / ".local"
DATABASE = "logkiln"


def run_demo(options: argparse.Namespace) -> None:
    """Show real logs on a page."""
    # Only here: `python -m local postgres` needs none of what the demo imports.
    from local import demo

    demo.run(options.once, options.port, options.home)


def run_postgres(options: argparse.Namespace) -> None:
    """Run a PostgreSQL until interrupted."""
    server = postgres.start(options.home / "postgres")
    try:
        if not server.has_database(DATABASE):
            server.create_database(DATABASE)
        print(f"PostgreSQL {version_of(server.bin)} runs until Ctrl-C.")
        print(f"  export DATABASE_URL='{server.url(DATABASE)}'")
        print(f"  {server.psql_command(DATABASE)}", flush=True)
        wait()
    finally:
        server.stop()


def wait() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    try:
        signal.pause()
    except KeyboardInterrupt:
        print("\nstopped")


def run_clean(options: argparse.Namespace) -> None:
    """Remove the server's data."""
    postgres.remove(options.home / "postgres")


def run_doctor(_options: argparse.Namespace) -> int:
    """Say what is wrong with the installation and what mends it."""
    from local import doctor  # only here, as above

    return doctor.run()


def parser() -> argparse.ArgumentParser:
    """Return the words that the command takes."""
    words = argparse.ArgumentParser(prog="python -m local", description=run_demo.__doc__)
    words.add_argument("--home", type=Path, default=HOME, help="folder of the data (.local)")
    commands = words.add_subparsers(required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="real logs, from the files to a page")
    demo.add_argument("--once", action="store_true", help="ask for each action, print JSON and end")
    demo.add_argument("--port", type=int, help="for the page (the first free one from 8000 on)")
    demo.set_defaults(run=run_demo)
    commands.add_parser("doctor", help="what is wrong here, and what mends it").set_defaults(
        run=run_doctor
    )
    commands.add_parser("postgres", help="a PostgreSQL in .local, until interrupted").set_defaults(
        run=run_postgres
    )
    commands.add_parser("clean", help="remove the data in .local").set_defaults(run=run_clean)
    return words


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code."""
    options = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, interrupt)
    try:
        code: int | None = options.run(options)
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    except (LocalError, DatabaseError, IngestError, OSError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    return code or 0


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    """End as Ctrl-C does."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
