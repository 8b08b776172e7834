"""What must hold after any batch, whatever happened before: exactly once, and every count true."""

import json
from typing import Any

from scoring.levels import declared
from sql.database import Database


def recount(database: Database) -> list[dict[str, Any]]:
    """Return, in the open transaction, where what is stored differs from a recount."""
    written = [row["level"] for row in database.rows("tests.levels_as_written")]
    levels = {level: declared(level) for level in written}
    return database.rows("tests.recount", levels=json.dumps(levels))


def differences(database: Database) -> list[dict[str, Any]]:
    """Return where templates, rollups and batches differ from a recount of the predictions."""
    with database.transaction():
        return recount(database)


def check_counts(database: Database) -> None:
    """Assert that everything derived equals a recount."""
    assert differences(database) == []


def check_exactly_once(database: Database) -> None:
    """Assert that every log has one prediction and nothing else has, and that counts are true."""
    with database.transaction():
        assert database.rows("tests.unpredicted") == []
        assert database.value("tests.orphans") == 0
    check_counts(database)


def count_predictions(database: Database) -> int:
    """Return the number of predictions."""
    with database.transaction():
        count: int = database.value("tests.count_predictions")
    return count
