"""`python -m scoring`: give every log of the window that has none its prediction.

Exit codes: 0 done, or nothing to do, or another scorer is doing it; 1 the database or the models
failed, what was committed stays; 2 wrong words.
"""

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

from scoring import summary
from scoring.alerts.channels import configured
from scoring.alerts.errors import ChannelError
from scoring.alerts.run import run as run_alerts
from scoring.batch import AlreadyRunning, Row, run
from scoring.manifest import ModelError
from scoring.model import FOLDER, Models
from scoring.rehearsal import rehearse
from scoring.selection import (
    DEFAULT_WINDOW,
    EVERYTHING,
    Selection,
    SelectionError,
    moment,
    shard,
)
from scoring.writer import LeaseLost
from sql.database import connect, database_url
from sql.errors import DatabaseError
from sql.progress import progress

DEFAULT_HOURS = int(DEFAULT_WINDOW.total_seconds() // 3600)
FAILURES = (ChannelError, DatabaseError, ModelError, LeaseLost)


def parser() -> argparse.ArgumentParser:
    """Return the words that the command takes."""
    words = argparse.ArgumentParser(prog="python -m scoring", description=__doc__.split("\n")[0])
    words.add_argument("--since", help="arrived since: 6h, 30d, or ISO (24h, or the last run)")
    words.add_argument("--until", default="infinity", help="logs that arrived before: ISO, or 1h")
    words.add_argument("--all", action="store_true", help="logs of any age")
    words.add_argument("--source", help="logs of one source")
    words.add_argument("--limit", type=int, default=EVERYTHING, help="at most so many logs")
    words.add_argument("--shard", default="1/1", help="I/N: one of N disjoint shares of the logs")
    words.add_argument("--folder", type=Path, default=FOLDER, help="where the models are")
    words.add_argument("--json", action="store_true", help="print the row of ml_batches as JSON")
    words.add_argument(
        "--dry-run", action="store_true", help="judge, write nothing, print what would alert"
    )
    words.add_argument(
        "--rescore", action="store_true", help="replace predictions that other models made"
    )
    words.add_argument("--model", metavar="VERSION", help="refuse any model but this one")
    words.add_argument(
        "--watch", type=float, metavar="SECONDS", help="run again and again, with a pause"
    )
    return words


def selection(options: argparse.Namespace) -> Selection:
    """Return the selection that the words mean."""
    if options.all and options.since:
        raise SelectionError("--all and --since were both given; expected one of them")
    if options.limit < 0:
        raise SelectionError(f"--limit is {options.limit}; expected a number of logs, 0 or more")
    if options.watch is not None and not options.watch > 0:
        raise SelectionError(f"--watch is {options.watch}; expected seconds, more than 0")
    if options.rescore and not options.model:
        raise SelectionError("--rescore needs --model VERSION, the version in manifest.json")
    since = "-infinity" if options.all else moment(options.since or f"{DEFAULT_HOURS}h")
    until = options.until if options.until == "infinity" else moment(options.until)
    number, shards = shard(options.shard)
    is_default = not options.all and not options.since
    return Selection(
        *(since, until, options.source, number, shards, options.limit),
        is_again=options.rescore,
        reaches_back=is_default and not options.rescore,
    )


def tell(row: Row | None, as_json: bool, url: str) -> None:
    """Print what was done, and write the job summary when a workflow runs us."""
    if row is None:
        print("null" if as_json else "nothing to score")
    elif as_json:
        print(json.dumps(row, default=str))
    else:
        print("\n".join(summary.lines(row)))
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(job_summary(row, url))


def job_summary(row: Row | None, url: str) -> str:
    """Return the Markdown of the job summary."""
    if row is None:
        return summary.NOTHING
    database = connect(url)
    with database.transaction():
        found = database.rows("batch.anomalies_by_source", batch_id=row["batch_id"])
    database.close()
    return summary.markdown(row, found, os.environ.get("LOGKILN_PAGE_URL", ""))


def load_models(options: argparse.Namespace) -> Models:
    """Return the models, which must be of the version that was asked for."""
    models = Models(options.folder)
    if options.model not in (None, models.version):
        raise ModelError(
            f"--model is {options.model}, the models in {options.folder.name}/ are version "
            f"{models.version}: name that, or put the wanted ones there with --folder"
        )
    return models


def once(options: argparse.Namespace, url: str) -> int:
    """Run one batch, or rehearse one; return the exit code."""
    try:
        selected = selection(options)
        models = load_models(options)
        with progress(None, "logs") as bar:
            if options.dry_run:
                print(json.dumps(rehearse(url, selected, models, bar.advance), indent=2))
                return 0
            row = run(url, selected, models, bar.advance)
        tell(row, options.json, url)
        # What is not delivered waits for the next run, and says so; the batch is done all the same.
        if channels := configured(os.environ):
            run_alerts(url, channels)
    except AlreadyRunning as exc:
        print(exc, file=sys.stderr)
    except FAILURES as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    return 0


def watch(options: argparse.Namespace, url: str) -> int:
    """Run batches with pauses until told to stop by a signal; a failed one is tried again."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        once(options, url)
        stop.wait(options.watch)
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run; return the exit code."""
    words = parser()
    options = words.parse_args(arguments)
    try:
        selection(options)
    except SelectionError as exc:
        words.error(str(exc))
    try:
        url = database_url()
    except DatabaseError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    return once(options, url) if options.watch is None else watch(options, url)


if __name__ == "__main__":
    sys.exit(main())
