"""Everything works in a schema of any name, and leaves the others alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scoring.__main__ import main as score
from sql.__main__ import main as command
from sql.database import Database, connect
from sql.errors import NotInstalled
from sql.migrate import migrate

SCHEMA = "logs_of_ours"
QUOTED = 'Logs of "ours", 2'


@pytest.fixture
def elsewhere(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A connection to an empty database, that will use another schema."""
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    monkeypatch.setenv("LOGKILN_SCHEMA", SCHEMA)
    database = connect()
    yield database
    database.close()


def test_a_schema_that_is_missing_is_named(elsewhere: Database) -> None:
    with pytest.raises(NotInstalled, match="create the schema named by LOGKILN_SCHEMA"):
        migrate(elsewhere)


def test_logs_are_scored_and_counted_in_it(elsewhere: Database, models_folder: Path) -> None:
    with elsewhere.transaction():
        elsewhere.execute("tests.create_schema")
    assert command(["migrate"]) == 0
    with elsewhere.transaction():
        elsewhere.execute("tests.make_logs", first=0, count=500)
    assert score(["--folder", str(models_folder)]) == 0
    assert command(["refresh"]) == 0
    assert command(["status"]) == 0
    with elsewhere.transaction():
        status = elsewhere.row("schema.status")
        found = elsewhere.rows("tests.in_schema", schema=SCHEMA)
    assert (status["count_predictions"], status["count_unscored"]) == (500, 0)
    assert [row["schema"] for row in found] == [SCHEMA]


def test_a_name_that_needs_quotes_is_as_good_as_any(
    elsewhere: Database,
    empty_database_url: str,
    models_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOGKILN_SCHEMA", QUOTED)
    database = connect(empty_database_url)
    with database.transaction():
        database.execute_on("tests.create_schema_of_any_name", name=QUOTED)
    assert command(["migrate"]) == 0
    assert command(["migrate"]) == 0
    with database.transaction():
        database.execute("tests.make_logs", first=0, count=300)
        database.value("batch.ensure_partitions", days=["2001-02-03"])
    assert score(["--folder", str(models_folder)]) == 0
    assert command(["prune", "--keep", "90d"]) == 0
    with database.transaction():
        status = database.row("schema.status")
        assert {row["status"] for row in database.rows("tests.health")} <= {"ok", "look"}
        assert (status["count_predictions"], status["count_unscored"]) == (300, 0)
    assert command(["uninstall", "--yes", "--drop-logs"]) == 0
    with database.transaction():
        assert database.rows("tests.objects") == []
        found = database.rows("tests.in_schema", schema=SCHEMA)
    assert found == []
    database.close()


def test_two_installations_in_one_database_do_not_mix(
    database: Database, database_url: str, models_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    with database.transaction():
        database.execute("tests.create_schema")
        database.execute("tests.make_logs", first=0, count=100)
    monkeypatch.setenv("LOGKILN_SCHEMA", SCHEMA)
    other = connect()
    migrate(other)
    with other.transaction():
        other.execute("tests.make_logs", first=0, count=50)
    assert score(["--folder", str(models_folder)]) == 0
    for connected, count in ((other, 50), (database, 0)):
        with connected.transaction():
            assert connected.value("tests.count_predictions") == count
    monkeypatch.delenv("LOGKILN_SCHEMA")
    assert score(["--folder", str(models_folder)]) == 0
    for connected, count in ((other, 50), (database, 100)):
        with connected.transaction():
            assert connected.value("tests.count_predictions") == count
    other.close()
