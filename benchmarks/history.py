"""A long past made by SQL: predictions and rollups as batches would have left them, in no time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sql.database import Database
from sql.progress import progress

HERE = Path(__file__).parent
TEMPLATES = 3_000
SOURCES = 20
DAY = timedelta(days=1)


def begin(database: Database) -> None:
    """Make the model and the templates."""
    text = (HERE / "history_model.sql").read_text(encoding="utf-8")
    with database.transaction():
        database.run_text(text, {"templates": TEMPLATES, "sources": SOURCES})


def add(
    database: Database, first_id: int, logs: int, from_at: datetime, until_at: datetime
) -> None:
    """Add the predictions of `logs` logs, evenly spread over two times of one day (UTC)."""
    text = (HERE / "history.sql").read_text(encoding="utf-8")
    with database.transaction():
        database.run_text(
            text,
            {
                "templates": TEMPLATES,
                "first_id": first_id,
                "logs": logs,
                "from_at": from_at,
                "until_at": until_at,
            },
        )


def add_logs(database: Database, from_at: datetime, until_at: datetime) -> None:
    """Add the logs themselves between two times, for which `add` made the predictions."""
    text = (HERE / "history_logs.sql").read_text(encoding="utf-8")
    with database.transaction():
        database.run_text(text, {"from_at": from_at, "until_at": until_at})


def fill(database: Database, days: int, logs_a_day: int, *, with_logs: bool = False) -> int:
    """Make a past of so many days up to now; return how many predictions are stored then."""
    begin(database)
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with progress(days * logs_a_day, "predictions") as bar:
        for number in range(days):
            # The oldest day first, and of today what has passed.
            from_at = midnight - (days - 1 - number) * DAY
            until_at = min(from_at + DAY, now)
            add(database, number * logs_a_day, logs_a_day, from_at, until_at)
            if with_logs:
                add_logs(database, from_at, until_at)
            bar.advance(logs_a_day)
    with database.transaction():
        database.execute("benchmarks.settle_all")
    return days * logs_a_day
