"""One run of `python -m scoring`: a batch, or a rehearsal of one, and what is said of it."""

import argparse
import json
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from scoring import summary
from scoring.alerts.channels import configured
from scoring.alerts.errors import ChannelError
from scoring.alerts.message import page_url
from scoring.alerts.run import run as run_alerts
from scoring.batch import AlreadyRunning, Row, run
from scoring.beside import ReadingProcess
from scoring.manifest import ModelError
from scoring.model import FOLDER, Models
from scoring.rehearsal import rehearse
from scoring.selection import Selection
from scoring.writer import LeaseLost
from sql.database import connect
from sql.errors import DatabaseError
from sql.progress import progress

FAILURES = (ChannelError, DatabaseError, ModelError, LeaseLost)


def tell(row: Row | None, as_json: bool, url: str) -> None:
    """Print what was done, and write the job summary when a workflow runs us."""
    if row is None:
        print("null" if as_json else "nothing to score")
    elif as_json:
        print(json.dumps(row, default=str))
    else:
        print("\n".join(summary.lines(row)))
    if "GITHUB_STEP_SUMMARY" in os.environ:
        write_summary(job_summary(row, url))


def tell_rehearsal(found: dict[str, Any]) -> None:
    """Print what would be done, and write the job summary when a workflow runs us."""
    print(json.dumps(found, indent=2))
    write_summary(summary.rehearsed(found, page_url()))


def write_summary(text: str) -> None:
    """Add `text` to the job summary, if there is one."""
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


def job_summary(row: Row | None, url: str) -> str:
    """Return the Markdown of the job summary."""
    if row is None:
        return summary.NOTHING
    with closing(connect(url)) as database, database.transaction():
        alerts = database.rows("batch.alerts", batch_id=row["batch_id"])
    return summary.markdown(row, alerts, page_url())


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


def once(
    options: argparse.Namespace, selected: Selection, url: str, ahead: ReadingProcess | None
) -> int:
    """Run one batch, or rehearse one, with the reading process that was started `ahead`, if any;
    return the exit code."""
    try:
        models = load_models(options)
        with progress(None, "logs") as bar:
            if options.dry_run:
                found = rehearse(url, selected, models, bar, ahead)
            else:
                row = run(url, selected, models, bar, ahead)
        if options.dry_run:
            tell_rehearsal(found)
            return 0
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
