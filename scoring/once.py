"""One run of `python -m scoring`: a batch, or a rehearsal of one, and what is said of it."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from scoring import alerts, summary
from scoring.ahead import Ahead
from scoring.alerts.errors import ChannelError
from scoring.alerts.message import page_url
from scoring.batch import Row, run
from scoring.claim import AlreadyRunning
from scoring.manifest import ModelError
from scoring.model import FOLDER, Models
from scoring.rehearsal import rehearse
from scoring.selection import Selection
from scoring.writer import LeaseLost
from sql.database import connect
from sql.errors import DatabaseError
from sql.progress import progress

FAILURES = (ChannelError, DatabaseError, ModelError, LeaseLost)


def tell(said: str, markdown: Callable[[], str] = lambda: "") -> int:
    """Print what was done, and add to the job summary when a workflow runs us; return 1 when one
    of them cannot be written, else 0: the work is done, and what follows it goes on."""
    code = 0
    try:
        print(said, flush=True)
    except OSError as exc:
        # Whoever ends Python tries once more, and complains of itself.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = not_told("the output", exc)
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(markdown())
        except OSError as exc:
            code = not_told("GITHUB_STEP_SUMMARY", exc)
    return code


def not_told(where: str, error: OSError) -> int:
    """Say what could not be written; return 1."""
    print(
        f"error: the run is done, but {where} cannot be written ({error.strerror}): name a place "
        "that takes it",
        file=sys.stderr,
    )
    return 1


def lines_of(row: Row | None, as_json: bool) -> str:
    """Return what is printed of a batch."""
    if as_json:
        return json.dumps(row, default=str)
    return "nothing to score" if row is None else "\n".join(summary.lines(row))


def job_summary(row: Row | None, url: str) -> str:
    """Return the Markdown of the job summary."""
    if row is None:
        return summary.NOTHING
    with closing(connect(url)) as database, database.transaction():
        told = database.rows("batch.alerts", batch_id=row["batch_id"])
    return summary.markdown(row, told, page_url())


def load_models(options: argparse.Namespace) -> Models:
    """Return the models, which must be of the version that was asked for."""
    folder = options.folder or FOLDER
    models = Models(folder)
    if options.model not in (None, models.version):
        raise ModelError(
            f"--model is {options.model}, the models in {folder.name}/ are version "
            f"{models.version}: name that, or put the wanted ones there with --folder"
        )
    return models


def deliver(url: str) -> None:
    """Deliver what waits; what cannot be delivered waits for the next run, and says so: the batch
    is done all the same."""
    # Imported only where a channel is set up: mail and TLS take 0.02 s.
    from scoring.alerts.channels import configured
    from scoring.alerts.run import run as run_alerts

    run_alerts(url, configured(os.environ))


def once(options: argparse.Namespace, selected: Selection, url: str, ahead: Ahead | None) -> int:
    """Run one batch, or rehearse one, with what was begun `ahead`, if anything was; return the exit
    code."""
    try:
        models = load_models(options)
        with progress(None, "logs") as bar:
            if options.dry_run:
                process = ahead.process if ahead else None
                found = rehearse(url, selected, models, bar, process)
            else:
                row = run(url, selected, models, bar, ahead)
        if options.dry_run:
            return tell(json.dumps(found, indent=2), lambda: summary.rehearsed(found, page_url()))
        code = tell(lines_of(row, options.json), lambda: job_summary(row, url))
        if any(os.environ.get(name, "").strip() for name in alerts.SETTINGS):
            deliver(url)
        return code
    except AlreadyRunning as exc:
        print(exc, file=sys.stderr)
        return tell("null") if options.json else 0
    except FAILURES as exc:
        print(f"error: {exc}", file=sys.stderr)
    except OSError as exc:
        print(f"error: {exc}: what was committed stays, run again for the rest", file=sys.stderr)
    return 1
