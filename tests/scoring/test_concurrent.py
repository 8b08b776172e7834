"""Scorers beside each other, and people who change things meanwhile, do no harm."""

import json
import re
import shutil
from pathlib import Path

import pytest

from sql import migrate as migrations
from sql.database import Database, connect
from sql.migrate import migrate
from tests.scoring.checks import check_counts, check_exactly_once, count_predictions
from tests.scoring.conftest import Score, add, make
from tests.scoring.scorers import Scorers, until

SMALL = {"ROWS_A_CHUNK": 500}
LOGS = 6000


def test_shards_score_at_once_without_meeting(
    database: Database, database_url: str, scorers: Scorers
) -> None:
    make(database, LOGS)
    shards = [
        scorers.start(database_url, "--shard", f"{number}/3", "--json", **SMALL)
        for number in (1, 2, 3)
    ]
    assert [shard.wait() for shard in shards] == [0, 0, 0]
    rows = [json.loads(shard.said) for shard in shards]
    assert [row["shard"] for row in rows] == ["1/3", "2/3", "3/3"]
    assert sum(row["count_logs"] for row in rows) == LOGS
    check_exactly_once(database)
    with database.transaction():
        status = database.row("schema.status")
    assert status["count_predictions"] == LOGS


@pytest.mark.parametrize("count", [2, 5])
def test_several_at_once_do_the_work_of_one(
    count: int, database: Database, database_url: str, scorers: Scorers
) -> None:
    make(database, LOGS)
    started = [scorers.start(database_url, **SMALL) for _ in range(count)]
    assert [scorer.wait() for scorer in started] == [0] * count
    for scorer in started:
        assert "error" not in scorer.said
    check_exactly_once(database)
    with database.transaction():
        batches = database.rows("tests.batches")
    assert [row["status"] for row in batches] == ["done"] * len(batches)
    assert sum(row["count_logs"] for row in batches) == LOGS


def test_overlapping_shares_at_once_lose_and_repeat_nothing(
    database: Database, database_url: str, scorers: Scorers, score: Score
) -> None:
    make(database, LOGS)
    shares = ("1/1", "1/2", "2/3", "3/4", "1/5")
    started = [scorers.start(database_url, "--shard", share, **SMALL) for share in shares]
    for scorer in started:
        if scorer.wait() != 0:
            # By the key, or, when two wait for each other, by PostgreSQL's choice of one of them.
            assert scorer.said.startswith("error: ")
            assert re.search("(another writer came first|two writers met); run again", scorer.said)
    check_counts(database)
    score()
    check_exactly_once(database)


def test_who_comes_second_says_so_and_leaves_the_work_to_the_first(
    database: Database, database_url: str, scorers: Scorers
) -> None:
    make(database, 100)
    other = connect(database_url)
    with other.transaction():
        assert other.value("batch.try_lock", shard="1/1")
        second = scorers.start(database_url)
        assert second.wait() == 0
        assert "another scorer is at work on shard 1/1" in second.said
        assert count_predictions(database) == 0
    other.close()


def test_logs_that_are_deleted_meanwhile_do_no_harm(
    database: Database, database_url: str, scorers: Scorers, score: Score
) -> None:
    make(database, LOGS)
    other = connect(database_url)
    with other.transaction():
        other.execute("batch.lock_writes")
        scorer = scorers.start(database_url, **SMALL)
        until(lambda: is_waiting(database))
        with database.transaction():
            assert database.execute("tests.delete_half") == LOGS // 2
    other.close()
    assert scorer.wait() == 0, scorer.said
    check_counts(database)
    score()
    with database.transaction():
        assert database.rows("tests.unpredicted") == []


def test_logs_that_are_written_meanwhile_are_scored_by_this_run_or_the_next(
    database: Database, database_url: str, scorers: Scorers, score: Score
) -> None:
    make(database, LOGS)
    scorer = scorers.start(database_url, **SMALL)
    for number in range(20):
        make(database, 100, first=LOGS + number * 100)
        if not scorer.is_alive():
            break
    assert scorer.wait() == 0, scorer.said
    check_counts(database)
    score()
    check_exactly_once(database)


def test_partitions_that_are_dropped_meanwhile_do_no_harm(
    database: Database, database_url: str, scorers: Scorers, score: Score
) -> None:
    add(database, *({"id": at, "logged_at": "2001-02-03T04:05:06Z"} for at in range(1500)))
    scorer = scorers.start(database_url, ROWS_A_CHUNK=100)
    until(lambda: count_predictions(database) > 0 or not scorer.is_alive())
    # The lock comes between two chunks.
    with database.transaction():
        database.execute("batch.lock_writes")
        database.execute("tests.drop_february")
    assert scorer.wait() == 0, scorer.said
    score()
    with database.transaction():
        assert database.rows("tests.unpredicted") == []


def test_views_that_are_made_anew_meanwhile_do_no_harm(
    database: Database,
    database_url: str,
    scorers: Scorers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "sql"
    shutil.copytree(migrations.HERE, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    monkeypatch.setattr(migrations, "HERE", folder)
    for number in range(4):
        make(database, 1000, first=number * 1000)
        scorer = scorers.start(database_url, ROWS_A_CHUNK=100)
        for path in (folder / "views").glob("*.sql"):
            path.write_text(path.read_text() + f"\n-- again {number}\n")
        assert migrate(database)
        assert scorer.wait() == 0, scorer.said
    check_exactly_once(database)
    with database.transaction():
        status = database.row("schema.status")
    assert status["count_predictions"] == 4000


def is_waiting(database: Database) -> bool:
    """Say whether a scorer waits for a lock."""
    with database.transaction():
        return bool(database.value("tests.count_waiting_scorers"))
