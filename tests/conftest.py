"""A real PostgreSQL for every test: one server a session, one fresh database a test."""

from collections.abc import Iterator
from itertools import count

import pytest

from local import postgres
from local.errors import ServerError
from local.programs import installed, version_of
from sql.database import Database, connect
from sql.migrate import migrate
from tests import servers

pytest_plugins = [
    *("tests.browser", "tests.clock", "tests.demo", "tests.models", "tests.pooler"),
    *("tests.queries", "tests.workers"),
]

TEMPLATE = "migrated"
_numbers = count(1)


def pytest_report_header() -> str:
    try:
        return f"postgresql: {version_of(installed())}"
    except ServerError as exc:
        return f"postgresql: {exc}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A server of the session's own, with default settings but for fsync."""
    with servers.temporary() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_template(postgres_server: postgres.Server) -> str:
    """The name of a database that was migrated once, to be copied."""
    postgres_server.create_database(TEMPLATE)
    database = connect(postgres_server.url(TEMPLATE))
    migrate(database)
    database.close()
    return TEMPLATE


@pytest.fixture
def empty_database_url(postgres_server: postgres.Server) -> Iterator[str]:
    """The address of a database with nothing in it."""
    yield from _database_url(postgres_server, "template0")


@pytest.fixture
def database_url(postgres_server: postgres.Server, migrated_template: str) -> Iterator[str]:
    """The address of a migrated database that nobody else uses."""
    yield from _database_url(postgres_server, migrated_template)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A connection to the database at `database_url`."""
    connected = connect(database_url)
    yield connected
    connected.close()


def _database_url(server: postgres.Server, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    server.create_database(name, template)
    yield server.url(name)
    server.drop_database(name)
