"""A database that is away, slow, foreign or crowded: told so, and forgotten when it is back."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api import _connections
from local import postgres
from sql.database import Database, connect
from tests.api.conftest import SCORED, TOKENS, Ask, Reply, asker

HERE = Path(__file__).parent


@pytest.fixture
def owner(ask: Ask, postgres_server: postgres.Server) -> Iterator[Database]:
    """A connection of the owner to the database that the function reads."""
    database = connect(postgres_server.url("scored_for_api"))
    yield database
    database.close()


@pytest.fixture
def waiting(
    ask: Ask, postgres_server: postgres.Server, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    """The owner's connection, in a transaction for which readers wait, for 300 ms at most."""
    postgres_server.create_database("slow_for_api", SCORED)
    monkeypatch.setenv("DATABASE_URL", postgres_server.url("slow_for_api", "logkiln_reader"))
    database = connect(postgres_server.url("slow_for_api"))
    run(database, "impatient.sql")
    with database.transaction():
        database.run_text((HERE / "lock.sql").read_text(encoding="utf-8"))
        yield database
    database.close()
    _connections.forget()
    postgres_server.drop_database("slow_for_api")


def run(database: Database, file: str) -> int:
    with database.transaction():
        return database.run_text((HERE / file).read_text(encoding="utf-8"))


def is_outage(reply: Reply, said: str) -> bool:
    assert reply.status == 503, reply.text
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.headers["Cache-Control"] == "no-store"
    return said in reply.json["detail"]


def test_one_connection_serves_one_request_after_another(ask: Ask, owner: Database) -> None:
    for path in ("status", "analyze", "nothing", "log?id=999999", "stats"):
        ask(path)
    assert run(owner, "drop_connections.sql") == 1


def test_a_dropped_connection_is_replaced_without_a_word(ask: Ask, owner: Database) -> None:
    assert ask("status").status == 200
    assert run(owner, "drop_connections.sql") == 1
    assert ask("status").status == 200
    assert run(owner, "drop_connections.sql") == 1
    assert ask("health").status == 200


def test_when_all_connections_were_dropped_all_are_replaced(ask: Ask, owner: Database) -> None:
    at_once(lambda: ask("analyze"), 20)
    assert 1 <= run(owner, "drop_connections.sql") <= _connections.MOST_CONNECTIONS
    assert {reply.status for reply in at_once(lambda: ask("analyze"), 20)} == {200}


def test_twenty_at_once_share_few_connections(ask: Ask, owner: Database) -> None:
    replies = at_once(lambda: ask("stats"), 20)
    assert {reply.text for reply in replies} == {ask("stats").text}
    assert 1 <= run(owner, "drop_connections.sql") <= _connections.MOST_CONNECTIONS


def test_a_slow_answer_says_to_narrow_the_filter(ask: Ask, waiting: Database) -> None:
    for path in ("analyze", "health", "stats"):
        slow = ask(path)
        assert is_outage(slow, "took too long: narrow the filter")
        assert slow.headers["Retry-After"] == "5"
    assert len(_connections._idle) == 1  # a slow answer is no reason to connect anew


def test_when_all_are_busy_the_next_is_told_to_come_again(
    ask: Ask, waiting: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_connections, "SECONDS_TO_WAIT", 0.05)
    replies = at_once(lambda: ask("health"), _connections.MOST_CONNECTIONS + 1)
    busy = [reply for reply in replies if "Too many slow requests" in reply.text]
    assert len(busy) == 1
    assert busy[0].headers["Retry-After"] == "1"


def test_a_server_that_stops_and_starts_again(
    tmp_path: Path, no_connections: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "postgres"
    server = postgres.start(folder, {"fsync": "off"}, say=lambda _line: None)
    monkeypatch.setenv("DATABASE_URL", server.url())
    monkeypatch.setenv("API_TOKEN", TOKENS)
    ask = asker()
    assert is_outage(ask("health", None), "run `python -m sql migrate`")
    server.stop()
    for path in ("health", "status", "analyze"):
        away = ask(path)
        assert is_outage(away, "does not answer")
        assert away.headers["Retry-After"] == "2"
        assert str(folder) not in away.text
    server = postgres.start(folder, say=lambda _line: None)
    try:
        assert is_outage(ask("health", None), "run `python -m sql migrate`")
    finally:
        _connections.forget()
        server.stop()
        postgres.remove(folder)


def test_a_database_without_our_views(
    ask: Ask, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    for path in ("health", "status", "analyze"):
        assert is_outage(ask(path), "lacks a table or view: run `python -m sql migrate`")
    _connections.forget()


def test_a_migrated_database_without_logs_is_no_outage(
    ask: Ask, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("postgres@", "logkiln_reader@", 1))
    status = ask("status").json
    assert status["batch_id"] is None
    assert status["data"]["count_predictions"] == 0
    assert len(status["data"]["levels"]) == 6
    for path in ("analyze", "anomalies", "patterns?kind=surging", "sources", "batches"):
        assert ask(path).json["data"]["items"] == []
    assert ask("trends").json["data"] == []
    assert ask("metrics").status == 200
    assert ask("health", None).json["last_batch_finished_at"] is None
    _connections.forget()


def test_a_role_that_may_not_read(
    ask: Ask, owner: Database, scored_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(owner, "stranger.sql")
    monkeypatch.setenv("DATABASE_URL", scored_url.replace("logkiln_reader@", "api_stranger@", 1))
    assert is_outage(ask("status"), "connect as logkiln_reader")


@pytest.mark.parametrize("url", ["", "  "])
def test_no_address_of_a_database(ask: Ask, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert is_outage(ask("health", None), "set DATABASE_URL")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("somebody@127.0.0.1", "No usable address of a database: for this deployment"),
        ("postgresql://127.0.0.1:1/none?user=somebody", "The database does not answer"),
    ],
)
def test_a_wrong_address_is_not_shown(
    ask: Ask,
    url: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    reply = ask("health", None)
    assert is_outage(reply, said)
    assert "127.0.0.1" not in reply.text
    assert "somebody" not in reply.text
    assert capsys.readouterr().err.startswith("logkiln-api: /api/health: ")


def test_what_nobody_thought_of_is_an_answer_too(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_statement: str, _binds: object) -> None:
        raise RuntimeError("something \x1b[31m private")

    monkeypatch.setattr(_connections, "row", fails)
    reply = ask("status")
    assert (reply.status, reply.json["detail"]) == (500, "The function failed: its log says why.")
    noted = capsys.readouterr().err
    assert "private" in noted
    assert "\x1b" not in noted


def at_once(question: Callable[[], Reply], times: int) -> list[Reply]:
    ready = threading.Barrier(times)

    def ask(_number: int) -> Reply:
        ready.wait()
        return question()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(ask, range(times)))
