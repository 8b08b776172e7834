"""A real PgBouncer in transaction mode, before the server of the session."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from local import postgres
from local.programs import account_for
from tests.scoring.scorers import until

USERS = (postgres.SUPERUSER, "logkiln_reader")
CONFIGURATION = """
[databases]
* = host={server}
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 100
query_wait_timeout = 5
"""


class Pooler:
    """A started PgBouncer with so many connections to a server for each database and user."""

    def __init__(self, server: postgres.Server, size: int) -> None:
        program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
        if program is None:
            pytest.fail("PgBouncer is missing: run .ci/run, or apt-get install pgbouncer")
        self._folder = server.data.parent / f"pooler{size}"
        self._folder.mkdir()
        self._socket = self._folder / ".s.PGSQL.6432"
        settings = self._folder / "pgbouncer.ini"
        settings.write_text(
            CONFIGURATION.format(server=server.data, folder=self._folder, size=size)
        )
        (self._folder / "users").write_text("".join(f'"{user}" ""\n' for user in USERS))
        self._command = [program, "--quiet", str(settings)]
        self._account = account_for(server.data)
        self._account.own(self._folder)
        for file in self._folder.iterdir():
            os.chown(file, self._account.uid, self._account.gid)
        self.start()

    def start(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd="/",
                **self._account.child,
            )
        until(self._socket.exists)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._socket.unlink(missing_ok=True)

    def url(self, database: str, user: str = postgres.SUPERUSER) -> str:
        """Return the address of a database through the pooler."""
        return f"postgresql://{user}@/{database}?host={quote(str(self._folder), safe='')}&port=6432"

    def before(self, url: str) -> str:
        """Return the address through the pooler of the database at `url`, on its server."""
        return self.url(url.split("/")[3].split("?")[0])


@pytest.fixture(scope="session")
def pooler(postgres_server: postgres.Server) -> Iterator[Pooler]:
    """A pooler with connections enough."""
    started = Pooler(postgres_server, 10)
    yield started
    started.stop()


@pytest.fixture
def pooled_url(pooler: Pooler, database_url: str) -> str:
    """The address of a migrated database through the pooler."""
    return pooler.before(database_url)
