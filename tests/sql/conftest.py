"""A server on which nothing of ours is installed: roles belong to a whole server."""

import subprocess
from collections.abc import Iterator

import pytest

from local import postgres
from local.programs import clean_environment
from sql.database import Database, connect
from tests import servers
from tests.scoring.conftest import chance

__all__ = ["chance"]


@pytest.fixture(scope="module")
def bare_server() -> Iterator[postgres.Server]:
    """A server of the module's own."""
    with servers.temporary() as server:
        yield server


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    """A connection to a database with nothing in it."""
    database = connect(empty_database_url)
    yield database
    database.close()


def dump(server: postgres.Server, url: str, *options: str) -> list[str]:
    """Return the lines that pg_dump writes of a database, without what differs by run."""
    return _written(server, "pg_dump", f"--dbname={url}", *options)


def dump_roles(server: postgres.Server) -> list[str]:
    """Return the lines that pg_dumpall writes of the roles of a server."""
    return _written(server, "pg_dumpall", f"--dbname={server.url()}", "--globals-only")


def _written(server: postgres.Server, program: str, *options: str) -> list[str]:
    done = subprocess.run(
        [str(server.bin / program), *options],
        check=True, capture_output=True, text=True, env=clean_environment(),
    )  # fmt: skip
    lines = done.stdout.splitlines()
    return [line for line in lines if not line.startswith(("\\restrict", "\\unrestrict"))]
