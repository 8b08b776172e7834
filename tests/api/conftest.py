"""A database with scored logs, read by the function in this process."""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api import _connections
from api._respond import respond
from local import postgres
from sql.database import connect

HERE = Path(__file__).parent
SCORED = "scored_for_api"
TOKENS = "everything, viewer:read:reads-only, writer:write:writes-only"


@dataclass(frozen=True)
class Reply:
    """An answer as a client sees it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        packed = self.headers.get("Content-Encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()

    @property
    def json(self) -> Any:
        return json.loads(self.text)


Ask = Callable[..., Reply]


@pytest.fixture(scope="session")
def scored_url(postgres_server: postgres.Server, migrated_template: str) -> Iterator[str]:
    """The address, for the reader's role, of a database with 3,000 scored logs."""
    postgres_server.create_database(SCORED, migrated_template)
    database = connect(postgres_server.url(SCORED))
    with database.transaction():
        database.run_text((HERE / "logs.sql").read_text(encoding="utf-8"))
    database.close()
    yield postgres_server.url(SCORED, user="logkiln_reader")
    postgres_server.drop_database(SCORED)


@pytest.fixture
def no_connections() -> Iterator[None]:
    """No connection is kept from one test to the next."""
    _connections.forget()
    yield
    _connections.forget()


@pytest.fixture
def ask(scored_url: str, no_connections: None, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Ask the function for a path below /api/ and return its answer."""
    monkeypatch.setenv("DATABASE_URL", scored_url)
    monkeypatch.setenv("API_TOKEN", TOKENS)
    return asker()


def asker() -> Ask:
    """Return a function that asks as whoever holds `token`."""

    def ask(
        path: str,
        token: str | None = "everything",
        method: str = "GET",
        body: bytes = b"",
        **headers: str,
    ) -> Reply:
        sent = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        answer = respond(method, f"/api/{path}", lambda name: sent.get(name.lower()), body)
        return Reply(answer.status, answer.headers, answer.body)

    return ask
