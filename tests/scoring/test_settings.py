"""Whatever a database, a server or an environment is set to, batches come to the same."""

from typing import Any

import pytest

from sql.database import Database, connect
from tests.scoring.checks import check_exactly_once, count_predictions
from tests.scoring.conftest import Score, add, make
from tests.scoring.scorers import Scorers

SETTINGS = {
    "TimeZone": ("Asia/Kolkata", "Pacific/Auckland", "America/St_Johns"),
    "DateStyle": ("SQL, DMY", "German"),
    "IntervalStyle": ("iso_8601",),
    "default_transaction_isolation": ("repeatable read", "serializable"),
    "extra_float_digits": ("-15",),
    "search_path": ("pg_catalog",),
    "client_encoding": ("LATIN1",),
    "enable_nestloop": ("off",),
    "plan_cache_mode": ("force_generic_plan",),
    "lock_timeout": ("10s",),
    "work_mem": ("64kB",),
}
PAIRS = [(name, value) for name, values in SETTINGS.items() for value in values]


@pytest.mark.parametrize(("name", "value"), PAIRS)
def test_a_setting_of_the_database_changes_nothing(
    name: str, value: str, database: Database, database_url: str, score: Score
) -> None:
    with database.transaction():
        database.execute("tests.set_for_all", name=name, value=value)
    ours = connect(database_url)
    for first in (0, 10**6):
        make(ours, 800, first=first)
        add(ours, {"source": "naïve", "level": "ERROR", "message": "Straße gesperrt: 12 €"})
        row = score()
        assert row is not None
        assert row["count_logs"] == 801
        check_exactly_once(ours)
        assert score() is None
    with ours.transaction():
        found = {row["source"]: row["text"] for row in ours.rows("tests.scored")}
        status = ours.row("schema.status")
    assert found["naïve"] == "straße gesperrt <*>"
    assert (status["count_predictions"], status["count_unscored"]) == (1602, 0)
    ours.close()


@pytest.mark.parametrize("value", ["repeatable read", "serializable"])
def test_shards_meet_under_a_stricter_isolation(
    value: str, database: Database, database_url: str, scorers: Scorers
) -> None:
    with database.transaction():
        database.execute("tests.set_for_all", name="default_transaction_isolation", value=value)
    make(database, 3000)
    shards = [
        scorers.start(database_url, "--shard", f"{number}/3", ROWS_A_CHUNK=200)
        for number in (1, 2, 3)
    ]
    assert [shard.wait() for shard in shards] == [0, 0, 0], "".join(each.said for each in shards)
    check_exactly_once(database)


@pytest.mark.parametrize("name", ["PGCLIENTENCODING", "PGTZ", "PGDATESTYLE"])
def test_a_variable_of_the_driver_changes_nothing(
    name: str, database: Database, score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"PGCLIENTENCODING": "LATIN1", "PGTZ": "Asia/Kolkata", "PGDATESTYLE": "SQL, DMY"}
    monkeypatch.setenv(name, values[name])
    add(database, {"source": "naïve", "message": "Straße gesperrt"})
    assert score() is not None
    with database.transaction():
        (found,) = database.rows("tests.scored")
    assert (found["source"], found["text"]) == ("naïve", "straße gesperrt")


def test_a_view_that_gives_null_for_texts_is_read_as_empty(
    database: Database, score: Score
) -> None:
    with database.transaction():
        database.execute("tests.adapt_nulls")
    add(database, {"id": 1, "level": "INFO"}, {"id": 2, "level": None})
    assert score() is not None
    with database.transaction():
        found: list[dict[str, Any]] = database.rows("tests.scored")
    assert [(row["source"], row["text"]) for row in found] == [("", "<*>"), ("", "<*>")]
    assert score() is None


@pytest.mark.parametrize("settings", [{}, {"OWN_PROCESS_FROM": 0}])
@pytest.mark.parametrize(
    ("adapter", "expected"),
    [
        (
            "adapt_without_time",
            "log_source gives 10 logs whose logged_at is null or no timestamptz",
        ),
        ("adapt_twice", "log_source gives two logs the same id and time"),
    ],
)
def test_a_view_that_breaks_its_contract_is_told_to(
    adapter: str,
    expected: str,
    settings: dict[str, int],
    database: Database,
    database_url: str,
    scorers: Scorers,
) -> None:
    with database.transaction():
        database.execute(f"tests.{adapter}")
    make(database, 20)
    scorer = scorers.start(database_url, **settings)
    assert scorer.wait() == 1
    assert scorer.said.startswith("error: ")
    assert expected in scorer.said
    assert scorer.said.count("\n") == 1
    assert count_predictions(database) == 0
