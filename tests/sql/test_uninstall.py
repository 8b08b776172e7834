"""Uninstalling leaves a database as it was before, after showing and asking, and nothing else."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.postgres import Server
from sql.__main__ import main
from sql.database import Database, connect
from sql.errors import DatabaseError, NotInstalled
from sql.migrate import HERE, SchemaError, migrate
from sql.prune import prune
from sql.uninstall import uninstall
from tests.sql.conftest import dump, dump_roles

SCHEMA = "logs_of_ours"
GROWN = {
    "grown_view": "view grown",
    "grown_view_on_partition": "view grown",
    "grown_column": "table grown",
    "grown_argument": "function grown(ml_alerts)",
    "grown_key": "constraint grown_model_id_fkey on table grown",
    "grown_trigger": "trigger grown on table mine",
    "grown_default": "default value for column grown of table mine",
}
"""Statement in foreign.sql to what it makes, as an error names it."""


@pytest.fixture
def run(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run the command on a migrated database; return exit code, output and errors."""
    monkeypatch.setenv("DATABASE_URL", database_url)

    def run(*words: str, answer: str | None = None) -> tuple[int, str, str]:
        monkeypatch.setattr(sys.stdin, "isatty", lambda: answer is not None)
        monkeypatch.setattr("builtins.input", lambda _: answer)
        code = main(["uninstall", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def bare_url(bare_server: Server) -> Iterator[str]:
    """The address of an empty database on a server that has no role of ours."""
    bare_server.create_database("bare")
    yield bare_server.url("bare")
    bare_server.drop_database("bare")


def execute(database: Database, *names: str) -> None:
    with database.transaction():
        for name in names:
            database.execute(f"tests.{name}")


def is_installed(database: Database) -> bool:
    with database.transaction():
        return bool(database.value("schema.ledger_exists"))


@pytest.mark.parametrize("schema", ["public", SCHEMA])
def test_the_server_is_as_it_was_before(
    schema: str, bare_server: Server, bare_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGKILN_SCHEMA", schema)
    database = connect(bare_url)
    if schema == SCHEMA:
        execute(database, "create_schema")
    execute(database, "life_of_others")
    before = dump(bare_server, bare_url), dump_roles(bare_server)
    assert any("paid twice" in line for line in before[0])
    migrate(database)
    with database.transaction():
        database.execute("tests.make_logs", first=0, count=100)
        database.execute("batch.partitions_ahead")
        database.execute("schema.refresh")
    assert "CREATE ROLE logkiln_owner;" in dump_roles(bare_server)
    roles = uninstall(database, lambda _: True, drop_logs=True)
    assert roles == [
        f"role logkiln_{name}: dropped" for name in ("batch", "owner", "reader", "writer")
    ]
    database.close()
    assert (dump(bare_server, bare_url), dump_roles(bare_server)) == before


def test_roles_that_something_else_uses_stay(bare_server: Server, bare_url: str) -> None:
    bare_server.create_database("other")
    database, other = connect(bare_url), connect(bare_server.url("other"))
    execute(database, "make_role")
    for installation in (database, other):
        migrate(installation)
    connected = connect(bare_server.url("other", "logkiln_reader"))
    assert uninstall(other, lambda _: True) == [
        "role logkiln_batch: kept: used elsewhere",
        "role logkiln_owner: kept: used elsewhere",
        "role logkiln_reader: kept: connected",
        "role logkiln_writer: kept: not made by us",
    ]
    connected.close()
    with database.transaction():
        assert database.value("schema.may_hand_over")
    assert uninstall(database, lambda _: True) == [
        "role logkiln_batch: dropped",
        "role logkiln_owner: dropped",
        "role logkiln_reader: dropped",
        "role logkiln_writer: kept: not made by us",
    ]
    execute(database, "forget_role")
    for installation in (database, other):
        installation.close()
    bare_server.drop_database("other")


def test_logs_of_ours_stay_with_whoever_uninstalls(
    database: Database, run: Callable[..., tuple[int, str, str]]
) -> None:
    execute(database, "one_log")
    code, out, _ = run("--yes")
    assert code == 0
    assert "log_entries stays, with the logs in it" in out
    with database.transaction():
        assert database.row("tests.logs_left") == {"count_logs": 1, "owner": "postgres"}
        left = {row["name"] for row in database.rows("tests.objects")}
    assert {"log_entries", "log_entries_pkey", "log_entries_ingested_at"} <= left
    assert [name for name in left if not re.match("_?log_entries", name)] == []


def test_logs_of_others_stay_with_what_the_adapter_added(
    database: Database,
    postgres_server: Server,
    database_url: str,
    run: Callable[..., tuple[int, str, str]],
) -> None:
    execute(database, "life_of_others")
    with database.transaction():
        database.run_text((HERE / "adapters" / "uuid_key.sql").read_text(encoding="utf-8"))
    before = dump(postgres_server, database_url, "--table=app_logs", "--no-privileges")
    code, out, _ = run("--yes")
    assert code == 0
    assert "app_logs stays, with your logs and what an adapter added" in out
    assert dump(postgres_server, database_url, "--table=app_logs", "--no-privileges") == before
    assert not is_installed(database)


@pytest.mark.parametrize("name", GROWN)
def test_what_others_built_on_it_is_named_and_nothing_is_removed(
    name: str, database: Database, run: Callable[..., tuple[int, str, str]]
) -> None:
    execute(database, name)
    with database.transaction():
        before = database.rows("tests.objects")
    code, out, err = run("--yes")
    assert (code, out) == (1, "")
    assert f"error: {GROWN[name]} would break" in err
    with database.transaction():
        assert database.rows("tests.objects") == before


def test_what_is_made_while_one_is_asked_is_not_removed_unseen(
    database: Database, database_url: str
) -> None:
    other = connect(database_url)

    def make_partitions(_: str) -> bool:
        with other.transaction():
            other.execute("batch.partitions_ahead")
        return True

    with pytest.raises(DatabaseError, match="changed since it was shown"):
        uninstall(database, make_partitions)
    other.close()
    assert is_installed(database)


def test_without_a_terminal_or_a_yes_nothing_is_removed(
    database: Database, run: Callable[..., tuple[int, str, str]]
) -> None:
    code, out, err = run()
    assert code == 1
    assert re.search("^  view: .*freshness, log_source", out, re.MULTILINE)
    assert err == "error: nobody is at a terminal to be asked: say --yes to remove it\n"
    for answer in ("", "no", "y"):
        code, out, _ = run(answer=answer)
        assert (code, out.splitlines()[-1]) == (0, "nothing was removed")
    assert is_installed(database)
    code, out, _ = run(answer="yes")
    assert (code, is_installed(database)) == (0, False)
    assert "removed\nrole logkiln_batch: kept: used elsewhere\n" in out


def test_more_partitions_than_one_transaction_takes_go_too(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sql.uninstall.PARTITIONS_AT_ONCE", 3)
    with database.transaction():
        database.execute("batch.partitions_ahead")
    with pytest.MonkeyPatch.context() as patch:
        # As a prune leaves it that was cut off between detaching and dropping.
        patch.setattr("sql.prune.drop", lambda *_: 0)
        prune(database, 1, 1)
    assert uninstall(database, lambda _: True) is not None
    with database.transaction():
        assert database.rows("tests.objects") == []


def test_what_is_not_there_or_newer_is_refused(empty: Database, database: Database) -> None:
    with pytest.raises(NotInstalled, match="no installation: nothing to remove"):
        uninstall(empty, lambda _: True)
    execute(database, "add_newer_migration")
    with pytest.raises(SchemaError, match="update the checkout"):
        uninstall(database, lambda _: True)


def test_an_older_installation_is_removed_and_newer_names_are_not(
    empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with empty.transaction():
        empty.execute("schema.create_ledger")
        first = HERE / "migrations" / "0001_logs.sql"
        empty.run_text(first.read_text(encoding="utf-8"))
        empty.execute("schema.record", name=first.stem, checksum="as it was")
    execute(empty, "foreign_table")  # By a name that a later migration takes.
    uninstall(empty, lambda _: True)
    with empty.transaction():
        assert {row["name"] for row in empty.rows("tests.objects") if row["kind"] == "r"} == {
            "ml_predictions"
        }
