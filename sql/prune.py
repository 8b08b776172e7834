"""`python -m sql prune`: drop old predictions by the partition, then what is older than rollups are
kept: these, alerts, runs, and templates that nothing refers to any more; totals stay.

Nobody waits for it: a partition is detached beside readers and writers, and only then dropped. A
run that is cut off leaves a partition half detached, or detached; the next run finishes it.
"""

from dataclasses import dataclass

from sql.database import Database
from sql.errors import DatabaseError


@dataclass(frozen=True)
class Pruned:
    """What went: partitions, the predictions in them, rows of rollups, batches, templates, and
    alerts with their messages."""

    partitions: int
    predictions: int
    rollup_rows: int
    batches: int
    templates: int
    alerts: int


def prune(database: Database, keep: int, keep_rollups: int) -> Pruned:
    """Drop predictions of logs older than `keep` days and rollups older than `keep_rollups`, and
    forget batches and alerts of before, and templates not seen since.

    Lifetime totals count what was dropped; `ml_pruned` tells how much that was.
    """
    if not 1 <= keep <= keep_rollups:
        raise DatabaseError(
            f"predictions for {keep} days and rollups for {keep_rollups}; expected at least one "
            "day, and rollups for no less long than predictions"
        )
    with database.transaction():
        old = database.rows("prune.partitions", days=keep)
    for row in old:
        step = "prune.finish_detaching" if row["is_half_detached"] else "prune.detach"
        database.execute_alone(
            step, schema=database.schema, parent=row["parent"], partition=row["partition"]
        )
    with database.transaction():
        detached = database.rows("prune.leftovers")
    count = sum(drop(database, row["parent"], row["partition"]) for row in detached)
    with database.transaction():
        database.execute("prune.keep_totals")
        rows: int = database.value("prune.forget_hours", days=keep_rollups)
        batches: int = database.value("prune.forget_batches", days=keep_rollups)
    with database.transaction():
        # A batch counts into templates that it saw before.
        database.execute("batch.lock_writes")
        alerts: int = database.value("prune.forget_alerts", days=keep_rollups)
        gone = database.row("prune.forget_templates", days=keep_rollups)
    rows += gone["count_levels"]
    return Pruned(len(detached), count, rows, batches, gone["count_templates"], alerts)


def drop(database: Database, parent: str, partition: str) -> int:
    """Drop a detached partition and note how many predictions were in it, at once; return that."""
    with database.transaction():
        database.execute_on("prune.look_at", partition=partition)
        noted = database.rows("prune.note", relation=parent)
        database.execute("prune.drop_view")
        database.execute_on("prune.drop", partition=partition)
    return sum(row["count_rows"] for row in noted)
