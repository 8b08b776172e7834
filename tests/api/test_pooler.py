"""The function behind PgBouncer in transaction mode, where a session is not one's own."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api import _connections
from local import postgres
from local.programs import account_for
from tests.api.conftest import SCORED, Ask
from tests.api.test_outages import at_once

SECONDS_TO_START = 10.0
CONFIGURATION = """
[databases]
{database} = host={folder} dbname={database} user=logkiln_reader
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 1
query_wait_timeout = 2
"""


class Pooler:
    """A PgBouncer with one connection to the server, however many clients it has."""

    def __init__(self, folder: Path, server: postgres.Server) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._account = account_for(server.data)
        self._file = folder / "pgbouncer.ini"
        self._file.write_text(
            CONFIGURATION.format(database=SCORED, folder=server.data, port=self.port)
        )
        self.start()

    def start(self) -> None:
        program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        assert program, "this test needs PgBouncer: apt-get install pgbouncer"
        # Handed over as its standard input: the account may not enter our folder.
        with self._file.open("rb") as configuration:
            self._process = subprocess.Popen(
                [program, "-q", "/dev/stdin"],
                stdin=configuration,
                stderr=subprocess.DEVNULL,
                cwd="/",
                **self._account.child,
            )
        until = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.02)
        raise AssertionError(f"PgBouncer did not start: exit {self._process.poll()}")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()


@pytest.fixture
def pooler(
    ask: Ask, tmp_path: Path, postgres_server: postgres.Server, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pooler]:
    pooler = Pooler(tmp_path, postgres_server)
    url = f"postgresql://logkiln_reader@127.0.0.1:{pooler.port}/{SCORED}"
    monkeypatch.setenv("DATABASE_URL", url)
    yield pooler
    _connections.forget()
    pooler.stop()


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
