"""Prune drops what is old, beside readers, and totals stay true."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from sql.__main__ import main
from sql.database import Database, connect
from sql.errors import DatabaseError
from sql.prune import prune
from tests.scoring.conftest import Score


def make(database: Database, days: int = 40) -> None:
    with database.transaction():
        database.execute("tests.made_over_days", count=400, days=days)


def overview(database: Database) -> tuple[int, int]:
    with database.transaction():
        database.execute("schema.refresh")
        parts = database.row("tests.parts")
        assert len(set(parts.values())) == 1, parts
        return int(parts["overview"]), int(database.value("tests.count_stored"))


def test_old_predictions_go_and_still_count(database: Database, score: Score) -> None:
    make(database)
    score("--all")
    pruned = prune(database, 10, 400)
    assert pruned.predictions > 200
    with database.transaction():
        left = database.value("tests.count_predictions")
    assert left == 400 - pruned.predictions
    assert overview(database) == (400, left)
    assert prune(database, 10, 400).partitions == 0


def test_old_rollups_go_and_totals_stay(database: Database, score: Score) -> None:
    make(database)
    score("--all")
    assert prune(database, 5, 10).rollup_rows > 0
    assert overview(database)[0] == 400


def test_templates_that_nothing_refers_to_go_and_their_logs_still_count(
    database: Database, score: Score
) -> None:
    make(database, days=15)
    with database.transaction():
        # Six patterns more, the only ones of which nothing is younger than 20 days.
        database.execute("tests.made_long_ago", days=30)
        database.execute("tests.made_by_wrong_clocks")
    score("--all")
    with database.transaction():
        database.execute("tests.refer_to_templates")
        before = database.value("tests.count_templates")
    pruned = prune(database, 5, 20)
    assert pruned.templates == 6 - 3
    with database.transaction():
        assert database.value("tests.count_templates") == before - pruned.templates
    assert overview(database)[0] == 400 + 6 + 3
    assert prune(database, 5, 20).templates == 0


def test_alerts_go_with_their_messages_and_younger_ones_stay(
    database: Database, score: Score
) -> None:
    make(database)
    score("--all")
    with database.transaction():
        before = database.row("tests.count_alerts")
        database.execute("tests.alert_long_ago", days=41)
        database.execute("tests.alert_long_ago", days=39)
    assert prune(database, 5, 40).alerts == 3
    with database.transaction():
        after = database.row("tests.count_alerts")
    added = {name: after[name] - before[name] for name in before}
    assert added == {"alerts": 2, "deliveries": 2, "messages": 1}


def test_traces_go_with_the_rollups(database: Database, score: Score) -> None:
    with database.transaction():
        database.execute("tests.made_to_stand_out")
    score("--all")
    with database.transaction():
        assert database.value("tests.traces_since") == 1
    prune(database, 1, 1)
    with database.transaction():
        assert database.value("tests.traces_since") == 0


def test_batches_go_but_the_latest_thousand(database: Database, score: Score) -> None:
    make(database)
    score("--all")
    with database.transaction():
        database.execute("tests.ran_long_ago", count=1200, days=41)
        before = database.row("tests.told_by_batches")
    assert prune(database, 5, 42).batches == 0
    # The oldest of them runs still, and the next waits for its traces to be counted.
    assert prune(database, 5, 40).batches == 1200 - 999 - 2
    with database.transaction():
        assert database.row("tests.told_by_batches") == before
        assert database.value("tests.count_batches") == 1000 + 2
    assert prune(database, 5, 40).batches == 0


def test_comparisons_go_but_those_still_to_be_decided_on(database: Database, score: Score) -> None:
    make(database)
    score("--all")
    for role in ("challenger", "retired"):
        with database.transaction():
            database.execute("tests.compared_long_ago", role=role, days=[41, 39])
    prune(database, 5, 40)
    with database.transaction():
        left = database.rows("tests.compared_days")
    assert [(row["role"], row["days"]) for row in left] == [
        *(("challenger", 39), ("challenger", 41)),
        ("retired", 39),
    ]


def test_readers_are_waited_for_and_do_not_wait(
    database: Database, database_url: str, score: Score
) -> None:
    make(database)
    score("--all")
    early, late = connect(database_url), connect(database_url)
    pruning = connect(database_url, "pruning")

    def is_waiting() -> bool:
        with database.transaction():
            return bool(database.value("tests.waiting", application="pruning"))

    with ThreadPoolExecutor(1) as pool:
        with early.transaction():
            early.value("tests.count_predictions")
            done = pool.submit(prune, pruning, 10, 400)
            deadline = time.monotonic() + 20
            while not is_waiting():
                assert time.monotonic() < deadline
                time.sleep(0.02)
            with late.transaction():
                late.execute("tests.hurry")
                assert late.value("tests.count_predictions") > 0
            assert not done.done()
        assert done.result(60).partitions > 0
    for connected in (early, late, pruning):
        connected.close()


def test_one_that_was_cut_off_is_finished(database: Database, score: Score) -> None:
    make(database)
    score("--all")
    with database.transaction():
        row = database.rows("prune.partitions", days=10)[0]
    database.execute_alone(
        "prune.detach", schema="public", parent=row["parent"], partition=row["partition"]
    )
    pruned = prune(database, 10, 400)
    assert overview(database) == (400, 400 - pruned.predictions)


def test_senseless_spans_are_refused(database: Database, database_url: str) -> None:
    with pytest.raises(DatabaseError, match="no less long"):
        prune(database, 90, 30)
    for words in (["prune"], ["prune", "--keep", "90"], ["migrate", "--keep", "90d"]):
        with pytest.raises(SystemExit):
            main(words)
