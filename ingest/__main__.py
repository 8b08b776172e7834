"""`python -m ingest FILE… | -`: load log files and streams into `log_entries`."""

import argparse
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.errors import BadOption, IngestError
from ingest.follow import follow
from ingest.formats import FORMATS, format_named
from ingest.lines import STREAM
from ingest.load import load, survey, tell
from ingest.loaded import Loaded
from ingest.read import Reading
from ingest.redact import mode_named
from ingest.times import time_zone
from redaction.modes import MODES
from sql.database import connect
from sql.errors import DatabaseError

REDACTION = "LOGKILN_REDACT"


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options; argparse exits with 2 and a usage line for wrong ones."""
    parser = argparse.ArgumentParser(
        prog="python -m ingest",
        description="Load log files and streams into the table log_entries of DATABASE_URL. "
        "The format is told from the first lines; gzip, bzip2 and xz are read as they are.",
        epilog="formats: " + ", ".join(FORMATS),
    )
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a log, or - for standard input"
    )
    parser.add_argument("--format", metavar="NAME", help="read as this format, do not detect")
    parser.add_argument("--source", metavar="NAME", help="source of every entry")
    parser.add_argument("--host", metavar="NAME", help="host of every entry")
    parser.add_argument(
        "--timezone", metavar="ZONE", default="UTC",
        help="zone of times that name none: Europe/Berlin, +02:00 (default: UTC)",
    )  # fmt: skip
    shift = parser.add_mutually_exclusive_group()
    shift.add_argument(
        "--shift", metavar="SECONDS", type=float, help="add this to every time; may be negative"
    )
    shift.add_argument(
        "--shift-to-now", action="store_true",
        help="move all times by one shift, so that the newest of all files is now",
    )  # fmt: skip
    parser.add_argument(
        "--redact", metavar="MODE", default=os.environ.get(REDACTION, ""),
        help=f"mask secrets and addresses: {', '.join(MODES)} (default: {REDACTION}, or off)",
    )  # fmt: skip
    parser.add_argument(
        "--dry-run", action="store_true", help="read and count, write nothing, need no database"
    )
    parser.add_argument(
        "--follow", action="store_true",
        help="go on with what is appended, through rotation and truncation, until interrupted; "
        "a restart goes on where this run ended",
    )  # fmt: skip
    parser.add_argument(
        "--state", metavar="FILE", type=Path, default=default_state(),
        help="where --follow remembers how far it is (default: %(default)s)",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    if options.follow and (options.dry_run or options.shift_to_now):
        parser.error("--follow goes neither with --dry-run nor with --shift-to-now")
    return options


def default_state() -> Path:
    """Return where the user's programs keep what they remember (XDG base directories)."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "logkiln" / "follow.json"


def shift_of(options: argparse.Namespace, reading: Reading) -> timedelta | None:
    """Return the shift that the options ask for; BadOption if it cannot be known."""
    if options.shift is not None:
        try:
            return timedelta(seconds=options.shift)
        except (OverflowError, ValueError) as exc:
            raise BadOption(f"--shift {options.shift} is out of range: {exc}") from exc
    if not options.shift_to_now:
        return None
    if any(path == STREAM or path.is_fifo() for path in options.files):
        raise BadOption(
            "--shift-to-now reads files twice, which a stream does not allow: use --shift"
        )
    newest = survey(options.files, reading, say=lambda _: None).last_at
    return datetime.now(UTC) - newest if newest else None


def reading_of(options: argparse.Namespace) -> Reading:
    """Return how the options say that logs are to be read; BadOption for what is not known."""
    if options.format is not None:
        format_named(options.format)
    zone = time_zone(options.timezone)
    redaction = mode_named(options.redact)
    return Reading(options.format, options.source, options.host, zone, redaction=redaction)


def run(options: argparse.Namespace) -> Loaded:
    """Load, or only read, what the options ask for."""
    reading = reading_of(options)
    if options.dry_run:
        return survey(options.files, reading)
    database = connect(application="logkiln ingest")
    try:
        return load(
            database,
            options.files,
            format=options.format,
            source=options.source,
            host=options.host,
            zone=reading.zone,
            shift=shift_of(options, reading),
            redaction=reading.redaction,
        )
    finally:
        database.close()


def run_follow(options: argparse.Namespace) -> int:
    """Follow until interrupted or terminated; return the number of entries loaded."""
    reading = reading_of(options)
    reading = replace(reading, shift=shift_of(options, reading))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return follow(
        lambda: connect(application="logkiln ingest"),
        [path for path in options.files if path != STREAM],
        reading,
        options.state,
        stop,
        tell,
        sys.stdin.buffer if STREAM in options.files else None,
    )


def main(arguments: list[str] | None = None) -> int:
    """Run; return 0 if all was loaded, 1 if anything was not, 2 for wrong options."""
    options = parse_arguments(arguments)
    started = time.perf_counter()
    try:
        if options.follow:
            print(f"loaded {run_follow(options):,} entries")
            return 0
        loaded = run(options)
    except BadOption as exc:
        tell(f"error: {exc}")
        return 2
    except (IngestError, DatabaseError) as exc:
        tell(f"error: {exc}")
        return 1
    except KeyboardInterrupt:
        tell("interrupted: files that were said to be loaded are, the current one is not")
        return 130
    seconds = time.perf_counter() - started
    print(
        f"{'read' if options.dry_run else 'loaded'} {loaded.count_entries:,} entries of "
        f"{len(loaded.files)} file(s) in {seconds:.1f} s "
        f"({loaded.count_lines / seconds:,.0f} lines/s), {loaded.count_unparsed:,} not understood"
        + (f", {len(loaded.failures)} file(s) failed" if loaded.failures else "")
    )
    return 1 if loaded.failures else 0


if __name__ == "__main__":
    sys.exit(main())
