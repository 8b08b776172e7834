"""The function behind PgBouncer in transaction mode, where a session is not one's own."""

from collections.abc import Iterator

import pytest

from api import _connections
from local import postgres
from tests.api.conftest import SCORED, Ask
from tests.api.test_outages import at_once
from tests.pooler import Pooler


@pytest.fixture(scope="module")
def narrow(postgres_server: postgres.Server) -> Iterator[Pooler]:
    """A pooler with one connection to the server, however many clients it has."""
    started = Pooler(postgres_server, 1)
    yield started
    started.stop()


@pytest.fixture
def pooler(ask: Ask, narrow: Pooler, monkeypatch: pytest.MonkeyPatch) -> Pooler:
    monkeypatch.setenv("DATABASE_URL", narrow.url(SCORED, "logkiln_reader"))
    return narrow


def test_every_answer_is_the_same_as_without_a_pooler(
    ask: Ask, pooler: Pooler, scored_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = ("status", "stats", "analyze", "log?id=1500", "trends", "patterns", "metrics")
    pooled = [ask(path).text for path in paths]
    assert {reply.text for reply in at_once(lambda: ask("analyze"), 20)} == {pooled[2]}
    _connections.forget()
    monkeypatch.setenv("DATABASE_URL", scored_url)
    assert [ask(path).text for path in paths] == pooled


def test_a_pooler_that_restarts_is_noticed_once_at_most(ask: Ask, pooler: Pooler) -> None:
    assert ask("status").status == 200
    pooler.stop()
    assert ask("status").status == 503
    pooler.start()
    assert ask("status").status == 200
    pooler.stop()
    pooler.start()
    assert ask("status").status == 200  # the kept connection was dead, a new one was made
