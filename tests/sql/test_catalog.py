"""What is installed explains itself, and its statistics can be refreshed beside readers."""

from sql.database import Database, connect
from sql.migrate import HERE

WANTED = {
    *("stats_overview", "stats_levels", "stats_severity", "stats_hourly", "stats_sources"),
    *("stats_templates", "stats_new_templates", "stats_anomalies", "stats_mislabelled"),
    *("stats_models", "stats_drift", "stats_forecast"),
}


def test_every_table_view_column_and_function_has_a_comment(database: Database) -> None:
    with database.transaction():
        assert database.rows("tests.uncommented") == []


def test_every_materialized_view_states_its_grain(database: Database) -> None:
    with database.transaction():
        said = {row["name"]: row["said"] for row in database.rows("tests.grains")}
    assert said.keys() >= WANTED
    assert {name for name, text in said.items() if not text.startswith("One row")} == set()


def test_every_view_is_a_file_of_at_most_eighty_lines_of_query() -> None:
    for path in (HERE / "views").glob("*.sql"):
        lines = path.read_text(encoding="utf-8").splitlines()
        code = [line for line in lines if line and not line.startswith(("--", "comment on", "'"))]
        assert len(code) <= 80, path.name


def test_every_materialized_view_has_a_unique_key(database: Database) -> None:
    with database.transaction():
        keys = database.rows("tests.unique_keys")
    assert keys
    assert [row["name"] for row in keys if not row["count_keys"]] == []


def test_a_refresh_shows_when_it_is_committed_and_not_before(
    database: Database, database_url: str
) -> None:
    reader = connect(database_url)

    def refreshed_at() -> object:
        with reader.transaction():
            return reader.value("tests.refreshed_at")

    before = refreshed_at()
    with database.transaction():
        database.execute("schema.refresh")
        assert refreshed_at() == before
    assert refreshed_at() != before
    reader.close()


def test_a_reader_of_every_view_keeps_no_refresh_waiting(
    database: Database, database_url: str
) -> None:
    reader = connect(database_url)
    with reader.transaction():
        reader.execute("tests.read_all_views")
        with database.transaction():
            database.execute("tests.hurry")
            database.execute("schema.refresh")
    reader.close()


def test_a_refresh_reaches_every_materialized_view(database: Database) -> None:
    with database.transaction():
        database.execute("schema.refresh")
        refreshed = {row["name"] for row in database.rows("tests.refreshed")}
        assert refreshed == {row["name"] for row in database.rows("tests.grains")}
