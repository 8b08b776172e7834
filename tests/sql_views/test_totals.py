"""Parts sum to the whole in every view, after whatever was done to the predictions."""

import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.levels import _NAMES, declared
from sql.database import Database
from sql.prune import prune
from tests.scoring.checks import differences
from tests.scoring.conftest import Score

ROUNDS = 4
HERE = Path(__file__).parent

BY_STATEMENT = {
    "views_recounted": (
        *("stats_anomalies", "stats_daily", "stats_declared_levels", "stats_hourly"),
        *("stats_levels", "stats_mislabelled", "stats_model_days", "stats_models"),
        *("stats_new_templates", "stats_overview", "stats_rare_templates", "stats_severity"),
        *("stats_sources", "stats_templates"),
    ),
    "derived_recounted": (
        *("scored_logs", "stats_forecast", "stats_outside_forecast", "stats_surging_templates"),
        *("stats_vanished_templates", "template_hours"),
    ),
    "acts_recounted": (
        *("decisions", "freshness", "mutes", "stats_alerts", "stats_batch_steps", "stats_batches"),
        *("stats_drift", "stats_feedback", "stats_schedule", "verdicts"),
    ),
    "traces_recounted": ("stats_traces",),
}
"""Statement of the tests here to the views whose numbers it holds against what they are made of."""


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
        return [
            *database.rows("tests.views_recounted"),
            *database.rows("tests.derived_recounted"),
        ]


def check(database: Database) -> None:
    """Assert that everything derived equals a recount, and that parts sum to the whole."""
    # Rows of batches tell what was done, not what is.
    found = [row for row in differences(database) if not row["stored_in"].startswith("ml_batches")]
    assert found == []
    check_views(database)


def check_views(database: Database) -> None:
    """Assert that views equal a recount, of what was pruned, too, and that parts sum up."""
    refresh(database)
    assert recounted(database) == []
    with database.transaction():
        assert database.rows("tests.wrong_examples") == []
        for parts in ("parts", "anomalous_parts", "recent_parts"):
            sums = database.row(f"tests.{parts}")
            assert len(set(sums.values())) == 1, (parts, sums)


def test_every_view_is_recounted_by_some_statement(database: Database) -> None:
    with database.transaction():
        served = {row["name"] for row in database.rows("tests.served_views")}
    text = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("*.sql"))
    blocks = dict(re.findall(r"^-- name: (\w+)\n(.*?)(?=^-- name: |\Z)", text, re.M | re.S))
    proven = {view: statement for statement, views in BY_STATEMENT.items() for view in views}
    assert served == proven.keys(), "say which statement recounts each view"
    for view, statement in proven.items():
        assert re.search(rf"\b(from|join) {view}\b", blocks[statement]), view


def test_what_stands_out_is_true_and_stays_so(database: Database, score: Score) -> None:
    make(database, 500, 12)
    with database.transaction():
        database.execute("tests.made_to_stand_out")
    score("--all")
    check(database)
    with database.transaction():
        assert all(count > 0 for count in database.row("tests.count_standing_out").values())
        database.execute("tests.unscore", every=7, **{"from": "12 days", "until": "0"})
    check(database)
    score("--all")
    check(database)


def test_what_batches_and_people_did_is_shown_as_it_was(database: Database, score: Score) -> None:
    for count in (400, 900):
        make(database, count, 3)
        score("--all")
    with database.transaction():
        database.execute("tests.judged_at_random")
    make(database, 5, 1)  # Which wait.
    refresh(database)
    with database.transaction():
        database.execute("tests.raw_predictions")
        assert database.rows("tests.acts_recounted") == []


def test_totals_are_true_after_batches_and_deletions_in_any_order(
    chance: random.Random, database: Database, score: Score
) -> None:
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


def test_totals_are_true_after_prunes_among_batches_and_deletions(
    database: Database, score: Score
) -> None:
    make(database, 900, 40)
    score("--all")
    with database.transaction():
        database.execute("tests.copy_predictions")
    assert prune(database, 20, 100).predictions > 100
    with database.transaction():
        database.execute("tests.keep_pruned_copies")
    check_views(database)
    make(database, 300, 2)
    score()
    check_views(database)
    with database.transaction():
        database.execute("tests.unscore", every=3, **{"from": "5 days", "until": "0"})
    check_views(database)
    score()
    check_views(database)


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
