"""A batch scores what is selected, all of it, once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sql.database import Database, connect
from tests.scoring.checks import check_counts, check_exactly_once, count_predictions
from tests.scoring.conftest import Score, add, make


def scored(database: Database) -> list[dict[str, Any]]:
    with database.transaction():
        return database.rows("tests.scored")


def ids(database: Database) -> list[int]:
    return [row["id"] for row in scored(database)]


def hours_ago(hours: float) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


def test_every_log_is_scored_and_a_second_run_finds_nothing(
    database: Database, score: Score
) -> None:
    make(database, 3000)
    row = score()
    assert row is not None
    assert (row["status"], row["count_logs"], row["shard"]) == ("done", 3000, "1/1")
    check_exactly_once(database)
    before = scored(database)
    assert score() is None
    assert score("--all") is None
    assert scored(database) == before
    with database.transaction():
        assert len(database.rows("tests.batches")) == 1
        status = database.row("schema.status")
    assert (status["count_predictions"], status["count_unscored"]) == (3000, 0)
    assert status["last_batch_id"] == row["batch_id"]


def test_nothing_at_all_is_no_batch(database: Database, score: Score) -> None:
    assert score() is None
    assert score("--all") is None
    with database.transaction():
        assert database.rows("tests.batches") == []


def test_later_logs_are_a_batch_of_their_own(database: Database, score: Score) -> None:
    for round_number in range(3):
        make(database, 500, first=round_number * 500)
        row = score()
        assert row is not None
        assert row["count_logs"] == 500
        check_exactly_once(database)
    with database.transaction():
        assert [row["count_logs"] for row in database.rows("tests.batches")] == [500] * 3


def test_the_window_goes_by_arrival_and_is_a_day_by_default(
    database: Database, score: Score
) -> None:
    for number, hours in enumerate((0.1, 5, 23, 25, 100), 1):
        # The time of the event has no say in it.
        add(database, {"id": number, "ingested_at": hours_ago(hours), "logged_at": "2001-02-03Z"})
    score()
    assert ids(database) == [1, 2, 3]
    score("--since", "30h", "--until", "24h")
    assert ids(database) == [1, 2, 3, 4]
    score("--since", "4d", "--until", hours_ago(30))
    assert ids(database) == [1, 2, 3, 4]
    score("--all")
    assert ids(database) == [1, 2, 3, 4, 5]
    check_exactly_once(database)


def test_the_end_of_a_window_is_the_beginning_of_the_next(database: Database, score: Score) -> None:
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    add(database, {"id": 1, "ingested_at": moment.isoformat()})
    assert score("--since", "3h", "--until", moment.isoformat()) is None
    assert score("--since", moment.isoformat()) is not None
    assert ids(database) == [1]


@pytest.mark.parametrize("source", ["nginx", "x'; drop table log_entries; --", "", "ä\n%s%(a)s"])
def test_one_source_is_taken_word_for_word(source: str, database: Database, score: Score) -> None:
    add(database, {"id": 1, "source": source}, {"id": 2, "source": source + "2"}, {"id": 3})
    assert score("--source", "no such source") is None
    score("--source", source)
    assert ids(database) == [1]
    score()
    assert ids(database) == [1, 2, 3]


def test_a_limit_leaves_the_rest_to_the_next_run(database: Database, score: Score) -> None:
    make(database, 1000)
    counts = []
    while row := score("--limit", "300"):
        counts.append(row["count_logs"])
        check_counts(database)
    assert counts == [300, 300, 300, 100]
    check_exactly_once(database)


def test_a_limit_of_none_scores_none(database: Database, score: Score) -> None:
    make(database, 10)
    assert score("--limit", "0") is None
    assert count_predictions(database) == 0


def test_shards_are_disjoint_and_complete(database: Database, score: Score) -> None:
    make(database, 900)
    add(database, {"id": -5}, {"id": -4}, {"id": -3}, {"id": 0}, {"id": 2**62})
    seen: set[int] = set()
    for number in (2, 1, 3):
        row = score("--shard", f"{number}/3")
        assert row is not None
        assert row["shard"] == f"{number}/3"
        now = set(ids(database))
        assert len(now) - len(seen) == row["count_logs"] > 250
        seen = now
    assert len(seen) == 905
    assert score() is None
    check_exactly_once(database)


def test_other_shares_of_the_same_logs_take_what_is_left(database: Database, score: Score) -> None:
    make(database, 600)
    score("--shard", "1/2")
    score("--shard", "3/4")
    score("--shard", "2/2")
    check_exactly_once(database)


def test_chunks_that_follow_at_once_share_a_transaction(
    database: Database, score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoring.reader.ROWS_A_CHUNK", 100)
    monkeypatch.setattr("scoring.writer.CHUNKS_A_TRANSACTION", 5)
    make(database, 2000)
    score()
    check_exactly_once(database)
    with database.transaction():
        assert 20 / 5 <= database.value("tests.count_transactions") < 20 / 2


def test_logs_of_one_time_are_told_apart(database: Database, score: Score) -> None:
    add(database, *({"id": number, "logged_at": "2026-01-02T03:04:05Z"} for number in range(50)))
    score()
    check_exactly_once(database)


def test_ids_in_any_order_are_scored(database: Database, score: Score) -> None:
    add(database, {"id": 1000}, {"id": 10})
    score()
    add(database, {"id": 999}, {"id": 5}, {"id": -1})
    score()
    assert ids(database) == [-1, 5, 10, 999, 1000]
    check_exactly_once(database)


def test_rows_that_are_committed_late_with_smaller_ids_are_scored(
    database: Database, database_url: str, score: Score
) -> None:
    slow = connect(database_url)
    with slow.transaction():
        slow.execute("tests.make_logs", first=0, count=20)
        make(database, 20, first=20)
        score()
        assert count_predictions(database) == 20
    slow.close()
    row = score()
    assert row is not None
    assert row["count_logs"] == 20
    check_exactly_once(database)


def test_logs_that_arrive_days_late_are_scored(database: Database, score: Score) -> None:
    make(database, 50)
    score()
    add(database, *({"logged_at": hours_ago(hours)} for hours in (30, 200, 5000, 100_000)))
    row = score()
    assert row is not None
    assert row["count_logs"] == 4
    check_exactly_once(database)


def test_a_log_that_changes_its_level_or_text_keeps_its_prediction(
    database: Database, score: Score
) -> None:
    add(database, {"id": 1, "message": "all is well", "level": "INFO"})
    score()
    before = scored(database)
    with database.transaction():
        database.execute("tests.rewrite")
    assert score() is None
    assert scored(database) == before


def test_what_is_known_of_a_template_carries_over(database: Database, score: Score) -> None:
    for number in range(3):
        add(database, *({"message": f"job {number * 100 + at} done"} for at in range(100)))
        row = score()
        assert row is not None
        assert row["count_new_templates"] == (1 if number == 0 else 0)
    check_exactly_once(database)


def horizon(database: Database) -> str:
    with database.transaction():
        found: str = database.value("tests.horizon")
    return found


def count_unscored(database: Database) -> int:
    with database.transaction():
        database.execute("schema.refresh")
        count: int = database.row("schema.status")["count_unscored"]
    return count


def test_after_an_outage_of_days_the_default_goes_back_to_where_it_stopped(
    database: Database, score: Score
) -> None:
    add(database, {"id": 1, "ingested_at": hours_ago(80)}, {"id": 2, "ingested_at": hours_ago(60)})
    # What was there before the first run is for --all.
    add(database, {"id": 3, "ingested_at": hours_ago(1)})
    score()
    assert ids(database) == [3]
    assert count_unscored(database) == 0
    with database.transaction():
        database.execute("tests.move_horizon", hours=70)
    assert count_unscored(database) == 1
    row = score()
    assert row is not None
    assert ids(database) == [2, 3]
    score("--all")
    assert ids(database) == [1, 2, 3]
    assert count_unscored(database) == 0


@pytest.mark.parametrize(
    "words", [("--since", "1h"), ("--source", "app"), ("--limit", "1"), ("--until", "1h")]
)
def test_a_run_that_looks_at_less_leaves_the_rest_waiting(
    words: tuple[str, ...], database: Database, score: Score
) -> None:
    add(database, {"id": 1})
    score()
    with database.transaction():
        database.execute("tests.move_horizon", hours=5)
    add(database, {"id": 2, "ingested_at": hours_ago(3)}, {"id": 3, "source": "other"})
    add(database, {"id": 4, "ingested_at": hours_ago(2)}, {"id": 5})
    score(*words)
    waiting = {1, 2, 3, 4, 5} - set(ids(database))
    assert count_unscored(database) == len(waiting) > 0
    score()
    assert ids(database) == [1, 2, 3, 4, 5]
    assert count_unscored(database) == 0


def test_shards_move_the_horizon_once_all_of_them_have_run(
    database: Database, score: Score
) -> None:
    make(database, 100)
    score("--shard", "1/2")
    assert horizon(database) == "-infinity"
    assert count_unscored(database) == 50
    score("--shard", "2/2")
    assert horizon(database) != "-infinity"
    assert count_unscored(database) == 0
    make(database, 10, first=100)
    assert count_unscored(database) == 10
