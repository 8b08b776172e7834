"""What the driver and the server refuse comes out as one sentence that says what to do."""

import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest

from local.postgres import Server
from scoring.rows import HEADER
from sql import database as module
from sql.database import POOLED, UNPOOLED, Database, connect, database_url, schema_name
from sql.errors import (
    AlreadyScored,
    BadDatabaseUrl,
    DatabaseError,
    NoDatabaseUrl,
    NotInstalled,
    NotPermitted,
    ServerTooOld,
    TimedOut,
    Unreachable,
)


@pytest.fixture(autouse=True)
def no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names no database."""
    for name in UNPOOLED:
        monkeypatch.delenv(name, raising=False)


def test_without_an_address_it_says_which_variables_to_set() -> None:
    with pytest.raises(NoDatabaseUrl, match="set DATABASE_URL=postgresql://") as raised:
        connect()
    assert all(name in str(raised.value) for name in UNPOOLED)


def test_a_blank_address_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "  ")
    with pytest.raises(NoDatabaseUrl):
        connect()


def test_the_batch_prefers_the_address_without_a_pooler(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in reversed(UNPOOLED):
        monkeypatch.setenv(name, f"postgresql://{name.lower()}/logs")
        assert database_url() == f"postgresql://{name.lower()}/logs"
    assert database_url(POOLED) == "postgresql://database_url/logs"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:hunter2@127.0.0.1:1/logs",
        "postgresql://user:hunter2@no-such-host.invalid/logs",
        "postgresql://user:hunter2@/logs?host=/no/such/folder",
    ],
)
def test_an_unreachable_server_is_named_but_no_password_is(url: str) -> None:
    with pytest.raises(Unreachable, match="check the server, then run again") as raised:
        connect(url)
    assert "\n" not in str(raised.value)
    assert "hunter2" not in str(raised.value)
    assert raised.value.__cause__ is not None


@pytest.mark.parametrize(
    "url", ["postgresql://user:hunter2@[::1/logs", "mysql://user:hunter2@host/logs", "hunter2"]
)
def test_what_is_no_address_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(BadDatabaseUrl, match="expected postgresql://USER") as raised:
        connect(url)
    assert "hunter2" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_a_peer_that_is_gone_is_noticed_within_a_minute(database: Database) -> None:
    given = database._connection.info.dsn_parameters
    assert given["keepalives"] == "1"
    names = ("idle", "interval", "count")
    idle, interval, count = (int(given[f"keepalives_{name}"]) for name in names)
    assert idle + interval * count <= 60


def test_a_missing_database_is_named(postgres_server: Server) -> None:
    with pytest.raises(Unreachable, match="no_such_database"):
        connect(postgres_server.url("no_such_database"))


def test_an_older_server_is_refused(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OLDEST_SERVER", 99)
    with pytest.raises(ServerTooOld, match=r"PostgreSQL \d+; expected 99 or newer: upgrade"):
        connect(database_url)


def test_a_schema_name_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGKILN_SCHEMA", "ä" * 32)
    with pytest.raises(DatabaseError, match=r"LOGKILN_SCHEMA is .* expected a name of 63 bytes"):
        schema_name()


def test_missing_tables_are_answered_with_migrate(empty_database_url: str) -> None:
    database = connect(empty_database_url)
    with pytest.raises(NotInstalled, match="run `python -m sql migrate`"), database.transaction():
        database.row("schema.status")
    with pytest.raises(NotInstalled, match="run `python -m sql migrate`"), database.transaction():
        database.execute("schema.refresh")
    database.close()


def test_a_role_that_may_not_is_told_so(
    postgres_server: Server, database: Database, database_url: str
) -> None:
    name = database_url.split("/")[3].split("?")[0]
    reader = connect(postgres_server.url(name, "logkiln_reader"))
    with pytest.raises(NotPermitted, match="a role that may write"), reader.transaction():
        reader.execute("batch.retire_other_champions", version="other")
    with pytest.raises(NotPermitted, match="was granted it"), reader.transaction():
        reader.execute("tests.count_predictions")
    with reader.transaction():
        assert reader.row("schema.status")["count_predictions"] == 0
    reader.close()


def test_a_lock_that_is_held_is_told_from_a_slow_statement(
    database: Database, database_url: str
) -> None:
    holder = connect(database_url)
    with holder.transaction():
        holder.execute("schema.lock")
        advice = "another session holds the lock"
        with pytest.raises(TimedOut, match=advice), database.transaction():
            database.execute("tests.hurry")
            database.execute("schema.lock")
    holder.close()
    with pytest.raises(TimedOut, match="statement_timeout"), database.transaction():
        database.execute("tests.slow")


def test_a_second_prediction_of_a_log_is_refused(database: Database) -> None:
    with database.transaction():
        database.execute("tests.one_prediction")
    with pytest.raises(AlreadyScored, match="another writer came first"), database.transaction():
        database.execute("tests.one_prediction")


def test_a_connection_that_is_cut_is_unreachable(database: Database, database_url: str) -> None:
    victim = connect(database_url, "victim")

    def work() -> None:
        with victim.transaction():
            victim.execute("tests.sleep")

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work)
        ended = 0
        while not ended:
            with database.transaction():
                if database.value("tests.sleeping", application="victim"):
                    ended = database.value("tests.terminate", application="victim")
        error = done.exception(20)
    assert isinstance(error, Unreachable)
    assert "already closed" not in str(error)  # Why, not that a rollback was not possible.
    assert "run again" in str(error)
    with pytest.raises(Unreachable), victim.transaction():
        victim.row("schema.status")


def test_a_connection_that_is_cut_in_a_copy_says_so_once(
    database: Database, database_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    victim = connect(database_url, "victim")

    class Source(BytesIO):
        """Rows without end; after the first the server ends the connection."""

        def read(self, size: int | None = -1) -> bytes:
            if content := super().read(size):
                return content
            with database.transaction():
                if database.value("tests.terminate", application="victim"):
                    time.sleep(0.2)
            return bytes(size or 0)

    said = "terminating connection due to administrator command"
    with pytest.raises(Unreachable, match=f"{said}.*run again"), victim.transaction():
        victim.execute("predictions.stage_keys")
        victim.copy_in("predictions.copy_keys", Source(HEADER))
    assert capfd.readouterr().err == ""


def test_a_connection_that_is_cut_in_a_copy_out_says_so_once(
    database: Database, database_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    victim = connect(database_url, "victim")

    class Sink:
        """Takes rows; after the first the server ends the connection."""

        def write(self, row: bytes) -> None:
            if row.startswith(HEADER):
                with database.transaction():
                    database.value("tests.terminate", application="victim")
                time.sleep(0.2)

    said = "terminating connection due to administrator command"
    with pytest.raises(Unreachable, match=f"{said}.*run again"), victim.transaction():
        victim.copy_out("tests.rows_out", Sink())
    assert capfd.readouterr().err == ""


def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction():
        database.execute("tests.one_prediction")
        raise ZeroDivisionError
    with database.transaction():
        assert database.value("tests.count_predictions") == 0


def test_one_row_is_one_row(database: Database) -> None:
    said = "gave 0 rows, expected exactly one"
    with pytest.raises(DatabaseError, match=said), database.transaction():
        database.row("batch.row", batch_id=1)
