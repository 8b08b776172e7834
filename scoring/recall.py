"""What the database remembers of templates and sources, brought into the batch's `History`."""

from typing import Any

import numpy as np

from scoring.features import LATEST, History, Seen
from scoring.groups import is_dated
from scoring.rows import Int64s, Unit
from scoring.template import template_id
from sql.database import Database

EPOCH_SECONDS = 946_684_800
"""2000-01-01 UTC, from which PostgreSQL counts, in Unix time."""

DAY = 86_400_000_000
"""Microseconds."""


def microseconds(epoch: float) -> int:
    """Return Unix seconds as microseconds since 2000."""
    return round((epoch - EPOCH_SECONDS) * 1_000_000)


def recall(
    database: Database, history: History, units: list[Unit], before: str = "infinity"
) -> None:
    """Add to `history` what was scored of the templates and sources of `units`.

    Logs of hours from `before`, the start of one, on are left out: a run that scores them again
    must not take them for their own past.
    """
    sources = sorted({unit.source for unit in units} - history.sources.keys())
    if sources:
        for row in database.rows("recall.known_sources", sources=sources, before=before):
            history.sources[row["source"]] = seen(row)
    by_id = {
        template_id(unit): (unit.source, unit.text)
        for unit in units
        if (unit.source, unit.text) not in history.templates
    }
    if not by_id:
        return
    known = database.rows("recall.known_templates", template_ids=list(by_id), before=before)
    for row in known:
        history.templates[by_id[row["template_id"]]] = seen(row)


def recall_shadow(database: Database, model_id: int, before: str) -> History:
    """Return what a challenger scored so far in the shadow, over what was scored of the same
    templates and sources in hours before `before`."""
    of = {"model_id": model_id, "before": before}
    templates = database.rows("shadow.known_templates", **of)
    sources = database.rows("shadow.known_sources", **of)
    return History(
        {(row["source"], row["text"]): seen(row) for row in templates},
        {row["source"]: seen(row) for row in sources},
    )


def seen(row: dict[str, Any]) -> Seen:
    """Return what a row of (`first_seen_epoch`, `count_logs`) says; a source of which no time is
    known has no epoch."""
    epoch = row["first_seen_epoch"]
    return Seen(LATEST if epoch is None else microseconds(epoch), row["count_logs"])


def days_of(logged_at: Int64s) -> list[str]:
    """Return the days (UTC) of times in microseconds since 2000, as texts; outside of 1990 to 2100
    there are none, since those times have partitions of their own."""
    days = np.unique(logged_at[is_dated(logged_at)] // DAY).astype("timedelta64[D]")
    return [str(day) for day in np.datetime64("2000-01-01") + days]
