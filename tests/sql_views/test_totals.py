"""Parts sum to the whole in every view, after whatever was done to the predictions."""

import random
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.levels import _NAMES, declared
from sql.database import Database
from tests.scoring.checks import differences
from tests.scoring.conftest import Score

ROUNDS = 4


def make(database: Database, count: int, days: float) -> None:
    with database.transaction():
        database.execute("tests.made_over_days", count=count, days=days)


def refresh(database: Database) -> None:
    with database.transaction():
        database.execute("schema.refresh")


def recounted(database: Database) -> list[dict[str, Any]]:
    """Return where views differ from a recount."""
    with database.transaction():
        database.execute("tests.raw_predictions")
        return database.rows("tests.views_recounted")


def check(database: Database) -> None:
    """Assert that everything derived equals a recount, and that parts sum to the whole."""
    # Rows of batches tell what was done, not what is.
    found = [row for row in differences(database) if not row["stored_in"].startswith("ml_batches")]
    assert found == []
    refresh(database)
    assert recounted(database) == []
    with database.transaction():
        assert database.rows("tests.wrong_examples") == []
        for parts in ("parts", "anomalous_parts", "recent_parts"):
            sums = database.row(f"tests.{parts}")
            assert len(set(sums.values())) == 1, (parts, sums)


def test_totals_are_true_after_batches_and_deletions_in_any_order(
    database: Database, score: Score
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}", file=sys.stderr)
    chance = random.Random(seed)
    make(database, 2000, 20)
    score("--all")
    check(database)
    for _ in range(ROUNDS):
        make(database, chance.randint(1, 800), chance.choice([0.02, 1, 30, 400]))
        if chance.random() < 0.7:
            words = ["--limit", str(chance.randint(1, 900))] if chance.random() < 0.4 else []
            score("--all", *words)
            if not words:
                check(database)
        with database.transaction():
            begin = chance.choice([1, 30, 500])
            database.execute(
                "tests.unscore",
                every=chance.choice([1, 2, 3]),
                **{"from": f"{begin} days", "until": f"{chance.choice([0, begin - 1])} days"},
            )
        check(database)
        score("--all")
        check(database)


def test_predictions_that_are_deleted_are_made_again_by_the_next_batch(
    database: Database, score: Score
) -> None:
    make(database, 500, 0.5)
    first = score()
    with database.transaction():
        database.execute("tests.unscore", every=2, **{"from": "1 day", "until": "0"})
    refresh(database)
    with database.transaction():
        waiting = database.row("schema.status")["count_unscored"]
    assert waiting == 250
    again = score()
    assert first is not None
    assert again is not None
    assert (first["count_logs"], again["count_logs"]) == (500, waiting)
    check(database)


def test_a_deletion_of_everything_leaves_nothing_behind(database: Database, score: Score) -> None:
    make(database, 300, 3)
    score("--all")
    with database.transaction():
        database.execute("tests.unscore", every=1, **{"from": "1 year", "until": "0"})
        assert set(database.row("tests.rollup_rows").values()) == {0}
    check(database)


def test_a_truncation_leaves_nothing_behind(database: Database, score: Score) -> None:
    make(database, 300, 3)
    score("--all")
    with database.transaction():
        database.execute("tests.forget_all_predictions")
        assert set(database.row("tests.rollup_rows").values()) == {0}
    check(database)
    assert (row := score("--all")) is not None
    assert row["count_logs"] == 300
    check(database)


def test_a_deleted_prediction_of_a_deleted_log_still_counts_as_scored(
    database: Database, score: Score
) -> None:
    make(database, 600, 3)
    score("--all")
    with database.transaction():
        database.execute("tests.delete_logs")
        database.execute("tests.unscore", every=5, **{"from": "1 year", "until": "0"})
    refresh(database)
    with database.transaction():
        for parts in ("parts", "anomalous_parts", "recent_parts"):
            assert len(set(database.row(f"tests.{parts}").values())) == 1
        # Nobody can score them again, so they count as scored: 600 ever, 480 of them stored.
        assert database.row("tests.parts")["overview"] == 600
        assert database.value("tests.count_stored") == 480


@pytest.mark.parametrize("name", [name for names in _NAMES.values() for name in names.split()])
def test_a_level_means_the_same_to_scorer_and_database(database: Database, name: str) -> None:
    for written in (name, name.lower(), f" [{name.title()}]: "):
        with database.transaction():
            assert database.value("tests.declared_by_sql", level=written) == declared(written)


def test_wild_levels_mean_the_same_to_scorer_and_database(database: Database) -> None:
    letters = st.text(st.characters(min_codepoint=1, max_codepoint=0x7F), max_size=12)

    @given(st.one_of(letters, st.builds(" <{}>:\t".format, st.sampled_from(["warn", "2", "Err"]))))
    def agree(written: str) -> None:
        with database.transaction():
            assert database.value("tests.declared_by_sql", level=written) == declared(written)

    agree()
