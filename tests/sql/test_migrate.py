"""The schema is installed whole or not at all, once, and only where it belongs."""

import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.postgres import Server
from sql import migrate as module
from sql import objects as made
from sql.database import Database, connect
from sql.errors import DatabaseError, Unreachable
from sql.migrate import HERE, SchemaError, migrate, migrations

REFUSED_BY_NAME = (
    *("foreign_table", "foreign_view", "foreign_statistics"),
    *("foreign_function", "foreign_type", "foreign_sequence"),
)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the room's SQL that `migrate` reads, to be changed."""
    folder = tmp_path / "sql"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    monkeypatch.setattr(module, "HERE", folder)
    monkeypatch.setattr(made, "HERE", folder)
    return folder


def objects(database: Database) -> list[dict[str, Any]]:
    with database.transaction():
        return database.rows("tests.objects")


def ledger(database: Database) -> list[dict[str, Any]]:
    with database.transaction():
        return database.rows("tests.ledger")


def until(condition: Callable[[], object]) -> None:
    """Wait for something that happens soon."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_an_empty_database_gets_everything(empty: Database) -> None:
    done = migrate(empty)
    folders = ("migrations", "functions", "views")
    files = [
        HERE / "roles.sql",
        *(path for name in folders for path in (HERE / name).glob("*.sql")),
    ]
    assert len(done) == len(set(done))
    assert {name.split("/")[-1] for name in done} == {path.stem for path in files}
    numbered = [path.stem for path in migrations()]
    assert done[: len(numbered)] == numbered
    assert {row["name"] for row in ledger(empty)} == set(done)
    with empty.transaction():
        assert all(row["is_populated"] for row in empty.rows("tests.populated"))
        empty.execute("schema.refresh")
        assert empty.row("schema.status")["count_predictions"] == 0


def test_a_second_time_changes_nothing(database: Database) -> None:
    before = objects(database), ledger(database)
    assert migrate(database) == []
    assert (objects(database), ledger(database)) == before


def test_of_two_at_once_one_waits_and_finds_nothing_to_do(empty_database_url: str) -> None:
    together = threading.Barrier(2)

    def run(_: int) -> list[str]:
        database = connect(empty_database_url)
        together.wait()
        try:
            return migrate(database)
        finally:
            database.close()

    with ThreadPoolExecutor(2) as pool:
        done = sorted(pool.map(run, range(2)), key=len)
    assert done[0] == []
    assert done[1]


def test_it_waits_for_one_that_is_at_work(empty: Database, empty_database_url: str) -> None:
    second = connect(empty_database_url, "second")
    watcher = connect(empty_database_url)

    def is_waiting() -> bool:
        with watcher.transaction():
            return bool(watcher.value("tests.waiting", application="second"))

    with ThreadPoolExecutor(1) as pool:
        with empty.transaction():
            empty.execute("schema.lock")
            done = pool.submit(migrate, second)
            until(is_waiting)
            assert not done.done()
        assert done.result(60)
    second.close()
    watcher.close()


def test_a_changed_migration_is_refused(database: Database, copy: Path) -> None:
    before = objects(database), ledger(database)
    path = copy / "migrations" / "0002_predictions.sql"
    path.write_text(path.read_text() + "\ncreate table more (mine text);\n")
    with pytest.raises(SchemaError, match="0002_predictions was changed after it was applied") as e:
        migrate(database)
    assert "restore the file" in str(e.value)
    assert (objects(database), ledger(database)) == before


def test_a_newer_database_is_refused(database: Database) -> None:
    with database.transaction():
        database.execute("tests.add_newer_migration")
    before = objects(database), ledger(database)
    with pytest.raises(SchemaError, match=r"0999_from_the_future.* update the checkout"):
        migrate(database)
    assert (objects(database), ledger(database)) == before


def test_a_new_migration_is_added_and_views_are_made_again(database: Database, copy: Path) -> None:
    (copy / "migrations" / "0999_more.sql").write_text("create table more (mine text);\n")
    done = migrate(database)
    assert done[0] == "0999_more"
    assert "views/stats_levels" in done
    assert not [name for name in done[1:] if name[0].isdigit()]
    assert migrate(database) == []
    assert "more" in {row["name"] for row in objects(database)}


def test_a_changed_view_is_made_again_with_its_grants(database: Database, copy: Path) -> None:
    path = copy / "views" / "stats_levels.sql"
    path.write_text(path.read_text() + "\n-- changed\n")
    assert migrate(database) == ["views/stats_levels", "roles"]
    with database.transaction():
        granted = {row["name"]: row for row in database.rows("tests.granted")}
    assert granted["stats_levels"]["may_select"]
    assert not granted["stats_levels"]["may_write"]


def test_a_database_that_takes_bytes_which_are_no_text_is_refused(postgres_server: Server) -> None:
    postgres_server.create_database("bytes", encoding="SQL_ASCII")
    database = connect(postgres_server.url("bytes"))
    try:
        before = objects(database)
        with pytest.raises(SchemaError, match=r"encoded in SQL_ASCII, expected UTF8; .* template0"):
            migrate(database)
        assert objects(database) == before
    finally:
        database.close()
        postgres_server.drop_database("bytes")


@pytest.mark.parametrize("name", [*REFUSED_BY_NAME, "foreign_index"])
def test_objects_of_other_people_are_refused_and_nothing_is_changed(
    empty: Database, name: str
) -> None:
    with empty.transaction():
        empty.execute(f"tests.{name}")
    before = objects(empty)
    with pytest.raises(DatabaseError) as raised:
        migrate(empty)
    assert objects(empty) == before
    if name in REFUSED_BY_NAME:
        assert "not made by Logkiln" in str(raised.value)
        assert "LOGKILN_SCHEMA" in str(raised.value)


def test_what_a_newer_version_lacks_goes_unless_others_use_it(
    database: Database, copy: Path
) -> None:
    for path in (
        "views/stats_levels.sql",
        "functions/has_daily_partitions.sql",
        "functions/subtract_predictions.sql",
    ):
        (copy / path).unlink()
    with database.transaction():
        database.execute("tests.grown_on_function")
    before = objects(database), ledger(database)
    with pytest.raises(DatabaseError, match="view grown depends on function has_daily_partitions"):
        migrate(database)
    assert (objects(database), ledger(database)) == before
    with database.transaction():
        database.execute("tests.drop_grown")
    done = migrate(database)
    assert done[:3] == [
        "without views/stats_levels",
        "without functions/subtract_predictions",
        "without functions/has_daily_partitions",
    ]
    gone = {"stats_levels", "subtract_predictions", "has_daily_partitions"}
    assert not gone & {row["name"] for row in objects(database)}


@pytest.mark.parametrize("folder", ["views", "functions", "migrations"])
def test_objects_of_other_people_by_names_that_a_newer_version_takes_are_refused(
    folder: str, database: Database, copy: Path
) -> None:
    files = {
        "views": "drop view if exists mine;\ncreate view mine as select 1 as ours;\n",
        "functions": "create or replace function mine() returns integer\nreturn 1;\n",
        "migrations": "create table mine (ours text);\n",
    }
    name = "0999_mine" if folder == "migrations" else "mine"
    (copy / folder / f"{name}.sql").write_text(files[folder])
    with database.transaction():
        database.execute(f"tests.foreign_{folder}")
    before = objects(database), ledger(database)
    with pytest.raises(SchemaError, match="already has mine, not made by Logkiln"):
        migrate(database)
    assert (objects(database), ledger(database)) == before


@pytest.mark.parametrize("part", ["migrations/0004_people.sql", "views/stats_templates.sql"])
def test_one_that_fails_in_the_middle_leaves_nothing(
    empty: Database, copy: Path, part: str
) -> None:
    path = copy / part
    path.write_text(path.read_text() + "\nselect no_such_column from log_entries;\n")
    before = objects(empty)
    with pytest.raises(DatabaseError, match="no_such_column"):
        migrate(empty)
    assert objects(empty) == before


def test_one_that_is_killed_in_the_middle_leaves_nothing(
    empty_database_url: str, copy: Path
) -> None:
    path = copy / "views" / "stats_severity.sql"
    path.write_text(path.read_text() + "\nselect pg_sleep(60);\n")
    watcher = connect(empty_database_url)
    before = objects(watcher)
    killed = connect(empty_database_url, "killed")

    def is_inside() -> bool:
        with watcher.transaction():
            return bool(watcher.value("tests.sleeping", application="killed"))

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(migrate, killed)
        until(is_inside)
        with watcher.transaction():
            assert watcher.value("tests.terminate", application="killed") == 1
        assert isinstance(done.exception(20), Unreachable)
    assert objects(watcher) == before
    watcher.close()
