"""`python -m scoring.shadow`: a challenger scores what the champion scored, and nothing acts on it.

Only logs count that neither model can have been fitted on: those that arrived after both were
trained. Each is scored once by a challenger, and compared in the same transaction with what the
champion had said of it; `stats_models` shows the sums. People's verdicts do not override the
challenger here, so that they can judge it.
"""

import argparse
import json
import sys
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

from scoring.claim import AlreadyRunning
from scoring.clock import Clock
from scoring.encode import Shared, encode, encode_keys
from scoring.feedback import NO_FEEDBACK
from scoring.judging import Judged, Judging
from scoring.manifest import ModelError
from scoring.model import FOLDER, Models
from scoring.reader import chunks
from scoring.recall import days_of, recall_shadow
from scoring.selection import SelectionError, moment
from sql.database import Database, connect, database_url
from sql.errors import DatabaseError
from sql.progress import SILENT, Progress, progress

CHALLENGER = FOLDER / "challenger"
"""Where a challenger waits to be promoted."""


class NoChampion(ModelError):
    """There is nothing to compare a challenger with."""


def run(url: str, models: Models, since: str, bar: Progress = SILENT) -> dict[str, Any]:
    """Score in the shadow what arrived since a time, and tell `bar` how far it is; return numbers
    and versions of both models, `since`, and `count_logs` of this run.

    Raises AlreadyRunning when another such run is at work, NoChampion before the first batch, and
    DatabaseError when the database fails: what was committed stays, the next run does the rest.
    """
    with (
        closing(connect(url, "logkiln shadow")) as control,
        closing(connect(url, "logkiln writer")) as writing,
        control.transaction(),
    ):
        control.execute("batch.keep_open")
        if not control.value("batch.try_lock", shard="shadow"):
            raise AlreadyRunning("another challenger is being scored; nothing to do here")
        versions = register(writing, models)
        model_id: int = versions["model_id"]
        with writing.transaction():
            batch_id: int = writing.value("shadow.latest_batch")
            window: dict[str, Any] = {
                "since": since,
                "until": "infinity",
                "source": None,
                "statement": "shadow.logs",
            }
            window |= versions
            window |= writing.row("shadow.since", **window)
            window |= writing.row("logs.window", **window)
            past_ends: str = writing.value("logs.past_ends", **window)
            # Of what was compared before, some may have left the window.
            bar.expect(max(window["count_logs"] - count_compared(writing, versions), 0))
        judging = Judging(
            *(models, control, Clock()),
            past_ends=past_ends,
            feedback=NO_FEEDBACK,
            begin=lambda: recall_shadow(control, model_id, past_ends),
        )
        count_logs = 0
        with closing(connect(url, "logkiln reader")) as reading:
            for chunk in chunks(url, reading, window):
                write(writing, judging.judge(chunk), batch_id, model_id)
                count_logs += len(chunk)
                bar.advance(len(chunk))
        with writing.transaction():
            writing.execute("schema.refresh")
            count = count_compared(writing, versions)
    return {
        **versions,
        "version": models.version,
        "since": window["since"],
        "count_logs": count_logs,
        "count_compared": count,
    }


def count_compared(database: Database, versions: dict[str, Any]) -> int:
    """Return how many logs both models have scored."""
    ids = {name: versions[name] for name in ("model_id", "champion_id")}
    return sum(row["count_logs"] for row in database.rows("shadow.figures", **ids))


def register(database: Database, models: Models) -> dict[str, Any]:
    """Make the models the one challenger; return its number, and number and version of the
    champion."""
    with database.transaction():
        champions = database.rows("shadow.champion")
        if not champions:
            raise NoChampion(
                "no model has scored yet, so there is none to compare with: "
                "run `python -m scoring` first"
            )
        champion = champions[0]
        if champion["version"] == models.version:
            raise ModelError(
                f"model {models.version} is the champion itself; train a challenger with "
                "`python -m training`, or name its folder"
            )
        database.execute("shadow.retire_other_challengers", version=models.version)
        manifest = json.dumps(models.manifest)
        database.execute("shadow.register_challenger", version=models.version, manifest=manifest)
        model_id = database.value("batch.model_id", version=models.version)
    return {
        "model_id": model_id,
        "champion_id": champion["model_id"],
        "champion_version": champion["version"],
    }


def write(database: Database, judged: Judged, batch_id: int, model_id: int) -> None:
    """Write a chunk's predictions and count them into the comparison, all of it or nothing."""
    chunk, groups, verdicts = judged.chunk, judged.groups, judged.verdicts
    shared = Shared.of(groups, judged.units, verdicts)
    rows = encode(chunk, groups, shared, verdicts, batch_id, model_id)
    with database.transaction():
        if days := days_of(groups.hour_at):
            database.execute("batch.ensure_partitions", days=days)
        database.copy_in("shadow.copy_predictions", BytesIO(rows))
        database.execute("predictions.stage_keys")
        database.copy_in("predictions.copy_keys", BytesIO(encode_keys(chunk)))
        database.execute("shadow.compare", model_id=model_id)
        database.execute("shadow.judge", model_id=model_id)


def main(arguments: list[str] | None = None) -> int:
    """Run; return the exit code: 0 done or being done by another, 1 failed, 2 wrong words."""
    parser = argparse.ArgumentParser(
        prog="python -m scoring.shadow",
        description="Let a challenger score, in the shadow, what the champion scored.",
    )
    parser.add_argument("--since", default="24h", help="logs that arrived since: 24h, 7d, or ISO")
    parser.add_argument("--folder", type=Path, default=CHALLENGER, help="where the challenger is")
    options = parser.parse_args(arguments)
    try:
        since = moment(options.since)
    except SelectionError as exc:
        parser.error(str(exc))
    try:
        with progress(None, "logs") as bar:
            done = run(database_url(), Models(options.folder), since, bar)
    except AlreadyRunning as exc:
        print(exc, file=sys.stderr)
        return 0
    except (DatabaseError, ModelError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    print(
        f"challenger {done['version']} scored {done['count_logs']:,} logs that arrived since "
        f"{done['since']}; {done['count_compared']:,} in all are compared with champion "
        f"{done['champion_version']}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
