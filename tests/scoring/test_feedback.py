"""What people say of a template acts on the next batch."""

from pathlib import Path

import pytest

from sql.database import Database
from tests.scoring.checks import check_exactly_once
from tests.scoring.conftest import Score, make, scorer

COUNT = 500


def batch(database: Database, score: Score, first: int) -> int:
    """Score `COUNT` more logs of the same templates; return how many are anomalous."""
    make(database, COUNT, first=first)
    row = score()
    assert row is not None
    assert row["count_logs"] == COUNT
    return int(row["count_anomalies"])


def say(database: Database, verdict: str) -> None:
    with database.transaction():
        database.execute("tests.revoke_feedback")
        database.execute("tests.give_feedback", verdict=verdict)


@pytest.fixture
def score_other(
    other_models: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Score:
    """Score with models to which nearly everything is an anomaly."""
    return scorer(other_models, database_url, monkeypatch, capsys)


def test_confirmed_templates_are_anomalies_and_false_alarms_are_not(
    database: Database, score: Score, score_other: Score
) -> None:
    unsaid = batch(database, score, 0)
    assert unsaid < COUNT
    say(database, "confirmed")
    assert batch(database, score, COUNT) == COUNT
    with database.transaction():
        database.execute("tests.revoke_feedback")
    assert batch(database, score_other, 2 * COUNT) > 0
    say(database, "false_alarm")
    assert batch(database, score_other, 3 * COUNT) == 0
    check_exactly_once(database)


def test_feedback_that_was_taken_back_says_nothing(database: Database, score: Score) -> None:
    batch(database, score, 0)
    unsaid = batch(database, score, COUNT)
    assert unsaid < COUNT
    say(database, "confirmed")
    with database.transaction():
        database.execute("tests.revoke_feedback")
    assert batch(database, score, 2 * COUNT) == unsaid
