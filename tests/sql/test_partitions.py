"""Partitions are there before rows come, whatever day these are of, and stand in nobody's way."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from sql.database import Database, connect

PARENTS = ("ml_predictions", "shadow_predictions")
FIXED = {"ml_predictions_early", "ml_predictions_late"}


def ensure(database: Database, *days: date) -> int:
    count: int = database.value("batch.ensure_partitions", days=[day.isoformat() for day in days])
    return count


def partitions(database: Database, parent: str = "ml_predictions") -> set[str]:
    return {row["name"] for row in database.rows("tests.partitions", parent=parent)}


def today() -> date:
    return datetime.now(UTC).date()


def test_a_day_near_now_gets_a_partition_of_its_own(database: Database) -> None:
    with database.transaction():
        assert ensure(database, today()) == 2
        for parent in PARENTS:
            assert f"{parent}_{today():%Y%m%d}" in partitions(database, parent)
        bounds = {
            row["name"]: row["bounds"]
            for row in database.rows("tests.partitions", parent="ml_predictions")
        }
    tomorrow = today() + timedelta(1)
    said = bounds[f"ml_predictions_{today():%Y%m%d}"]
    assert f"'{today()} 00:00:00+00'" in said
    assert f"'{tomorrow} 00:00:00+00'" in said


def test_a_day_far_away_gets_a_partition_of_its_month(database: Database) -> None:
    with database.transaction():
        assert ensure(database, date(2001, 2, 3), date(2001, 2, 28), date(2077, 12, 31)) == 4
        assert partitions(database) == FIXED | {"ml_predictions_200102", "ml_predictions_207712"}


def test_a_second_time_makes_none(database: Database) -> None:
    days = [today(), date(2001, 2, 3), date(2077, 12, 31)]
    with database.transaction():
        assert ensure(database, *days) == 6
        before = partitions(database)
        assert ensure(database, *days) == 0
        assert partitions(database) == before


@pytest.mark.parametrize(
    ("logged_at", "partition"),
    [
        ("-infinity", "ml_predictions_early"),
        ("1970-01-01 00:00:00+00", "ml_predictions_early"),
        ("1989-12-31 23:59:59.999999+00", "ml_predictions_early"),
        ("2100-01-01 00:00:00+00", "ml_predictions_late"),
        ("infinity", "ml_predictions_late"),
    ],
)
def test_times_of_wrong_clocks_have_partitions_from_the_start(
    database: Database, logged_at: str, partition: str
) -> None:
    with database.transaction():
        database.execute("tests.predict_on", logged_at=logged_at)
        assert database.value("tests.partition_of", logged_at=logged_at) == partition


@pytest.mark.parametrize("day", [date(1990, 1, 1), date(2099, 12, 31)])
def test_the_first_and_the_last_day_have_their_month(database: Database, day: date) -> None:
    with database.transaction():
        ensure(database, day)
        database.execute("tests.predict_on", logged_at=f"{day} 12:00+00")
        found = database.value("tests.partition_of", logged_at=f"{day} 12:00+00")
    assert found == f"ml_predictions_{day:%Y%m}"


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles", "Asia/Kolkata"])
def test_days_in_any_order_are_covered_once_in_any_zone(
    chance: random.Random, database: Database, zone: str
) -> None:
    near = [today() + timedelta(chance.randint(-460, 60)) for _ in range(40)]
    # Around the days on which days give way to months.
    edges = [
        today() + timedelta(edge + chance.randint(-3, 3)) for edge in (-430, 31) for _ in "1234"
    ]
    far = [date(1990, 1, 1) + timedelta(chance.randrange(40_000)) for _ in range(20)]
    days = [*near, *edges, *far]
    chance.shuffle(days)
    with database.transaction():
        database.execute("tests.elsewhere", zone=zone)
        for at in range(0, len(days), 7):
            ensure(database, *days[at : at + 7])
        for day in days:
            for time in ("00:00:00", "23:59:59.999999"):
                moment = f"{day} {time}+00"
                database.execute("tests.predict_on", logged_at=moment)
                assert database.value("tests.partition_of", logged_at=moment).startswith(
                    f"ml_predictions_{day:%Y%m}"
                )


def test_two_at_once_make_each_partition_once(database_url: str) -> None:
    days = [today() - timedelta(back) for back in range(15)]

    def run(chosen: list[date]) -> int:
        database = connect(database_url)
        with database.transaction():
            made = ensure(database, *chosen)
        database.close()
        return made

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(run, [days[:10], days[5:], days, days[::-1]]))
    assert sum(made) == 2 * len(days)


def test_readers_and_writers_are_not_waited_for(database: Database, database_url: str) -> None:
    other = connect(database_url)
    with other.transaction():
        other.execute("tests.one_prediction")
        other.value("tests.count_predictions")
        with database.transaction():
            database.execute("tests.hurry")
            ensure(database, today())
    other.close()
