"""`python -m scoring`: give every log of the window that has none its prediction.

Exit codes: 0 done, or nothing to do; 1 the database or the models failed, what was committed stays;
2 wrong words.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from scoring import summary
from scoring.batch import AlreadyRunning, Row, run
from scoring.model import FOLDER, ModelError, Models
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


def parser() -> argparse.ArgumentParser:
    """Return the words that the command takes."""
    words = argparse.ArgumentParser(prog="python -m scoring", description=__doc__.split("\n")[0])
    words.add_argument("--since", help="logs that arrived since: 6h, 30d, or ISO (24h)")
    words.add_argument("--until", default="infinity", help="logs that arrived before: ISO, or 1h")
    words.add_argument("--all", action="store_true", help="logs of any age")
    words.add_argument("--source", help="logs of one source")
    words.add_argument("--limit", type=int, default=EVERYTHING, help="at most so many logs")
    words.add_argument("--shard", default="1/1", help="I/N: one of N disjoint shares of the logs")
    words.add_argument("--folder", type=Path, default=FOLDER, help="where the models are")
    words.add_argument("--json", action="store_true", help="print the row of ml_batches as JSON")
    return words


def selection(options: argparse.Namespace) -> Selection:
    """Return the selection that the words mean."""
    if options.all and options.since:
        raise SelectionError("--all and --since were both given; expected one of them")
    since = "-infinity" if options.all else moment(options.since or f"{DEFAULT_HOURS}h")
    until = options.until if options.until == "infinity" else moment(options.until)
    number, shards = shard(options.shard)
    return Selection(since, until, options.source, number, shards, options.limit)


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


def main(arguments: list[str] | None = None) -> int:
    """Run one batch; return the exit code."""
    words = parser()
    options = words.parse_args(arguments)
    try:
        selected = selection(options)
    except SelectionError as exc:
        words.error(str(exc))
    try:
        url = database_url()
        models = Models(options.folder)
        with progress(None, "logs") as bar:
            row = run(url, selected, models, bar.advance)
        tell(row, options.json, url)
    except AlreadyRunning as exc:
        print(exc, file=sys.stderr)
    except (DatabaseError, ModelError, LeaseLost) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
