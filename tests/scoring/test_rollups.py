"""After random batches, templates, rollups and batches equal a recount of the predictions."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sql.database import Database, connect
from tests.scoring.checks import check_counts, check_exactly_once, recount
from tests.scoring.conftest import Score, add, make, scorer


def random_logs(chance: random.Random, count: int) -> list[dict[str, Any]]:
    """Return logs of few templates at times that meet again and again in the same hours."""
    now = datetime.now(UTC)
    forms = ("job {} done in {} ms", "cannot open /tmp/{}: {}", "user {} logged in", "panic at {}")
    return [
        {
            "logged_at": (now - timedelta(hours=chance.choice((0, 1, 2, 30, 9000)))).isoformat(),
            "source": chance.choice(("app", "app1", "db")),
            "level": chance.choice((None, "info", "ERROR", "6", "odd")),
            "message": chance.choice(forms).format(chance.randrange(10**6), chance.random()),
        }
        for _ in range(count)
    ]


def random_words(chance: random.Random) -> list[str]:
    return chance.choice(
        (
            *([], ["--all"], ["--source", "app"], ["--limit", str(chance.randint(1, 300))]),
            *(["--shard", f"{chance.randint(1, 3)}/3"], ["--since", "1h"]),
        )
    )


def test_counts_are_true_after_every_one_of_many_batches(
    chance: random.Random, database: Database, score: Score
) -> None:
    for _ in range(8):
        add(database, *random_logs(chance, chance.choice((1, 20, 400))))
        score(*random_words(chance))
        check_counts(database)
    score("--all")
    check_exactly_once(database)


@pytest.fixture
def scored(database: Database, score: Score) -> Database:
    """A database of 200 scored logs."""
    make(database, 200)
    score()
    return database


def test_captured_logs_are_counted_right(
    captured_url: str,
    models_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    score = scorer(models_folder, captured_url, monkeypatch, capsys)
    database = connect(captured_url)
    first = score("--limit", "4000")
    assert first is not None
    check_counts(database)
    rest = score()
    assert rest is not None
    check_exactly_once(database)
    with database.transaction():
        status = database.row("schema.status")
    assert status["count_predictions"] == 4000 + rest["count_logs"] > 8000
    assert status["count_anomalies"] < 0.05 * status["count_predictions"]
    database.close()


class RolledBack(Exception):
    """What a test spoilt is as it was."""


@pytest.mark.parametrize("what", ["template", "hour", "level", "batch", "prediction", "confidence"])
def test_a_recount_finds_what_is_wrong(what: str, scored: Database) -> None:
    check_counts(scored)
    with pytest.raises(RolledBack), scored.transaction():
        assert scored.execute(f"tests.spoil_{what}") == 1
        assert recount(scored)
        raise RolledBack
    check_counts(scored)
