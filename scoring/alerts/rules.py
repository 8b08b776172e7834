"""Rules that need the end of a batch: surges, silence, coverage, lateness, drift."""

from sql.database import Database

OF_LOGS = ("surge", "silence")
OF_RUNS = ("coverage", "lateness", "drift")


def close(database: Database, batch_id: int) -> int:
    """Write what the rules find at the end of a batch; return the number of alerts.

    Expects the open transaction that closed the batch and refreshed the views: the rules read the
    views. Whatever of it fails fails the transaction.
    """
    count = sum(database.execute(f"alert_rules.{kind}", batch_id=batch_id) for kind in OF_LOGS)
    count += sum(database.execute(f"alert_scoring.{kind}", batch_id=batch_id) for kind in OF_RUNS)
    if count:
        database.execute("alert_rules.refresh")
    return count
