"""A real PgBouncer in transaction mode, before the server of the session."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from local import postgres
from local.programs import account_for
from tests.scoring.scorers import until


@pytest.fixture(scope="session")
def pooler(postgres_server: postgres.Server) -> Iterator[Path]:
    """The folder of the socket of a PgBouncer in transaction mode before the server."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.fail("PgBouncer is missing: run .ci/run, or apt-get install pgbouncer")
    folder = postgres_server.data.parent / "pooler"
    folder.mkdir()
    (folder / "users").write_text(f'"{postgres.SUPERUSER}" ""\n')
    (folder / "pgbouncer.ini").write_text(
        f"""
[databases]
* = host={postgres_server.data}
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder / "users"}
pool_mode = transaction
default_pool_size = 10
max_client_conn = 100
ignore_startup_parameters = extra_float_digits
"""
    )
    account = account_for(postgres_server.data)
    account.own(folder)
    for file in folder.iterdir():
        os.chown(file, account.uid, account.gid)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "--quiet", str(folder / "pgbouncer.ini")],
            stdout=subprocess.DEVNULL,
            stderr=log,
            cwd="/",
            **account.child,
        )
    try:
        until(lambda: (folder / ".s.PGSQL.6432").exists())
        yield folder
    finally:
        process.terminate()
        process.wait()


def pooled(pooler: Path, url: str) -> str:
    """Return the address through the pooler of the database at `url`, on its server."""
    name = url.split("/")[3].split("?")[0]
    return f"postgresql://{postgres.SUPERUSER}@/{name}?host={quote(str(pooler), safe='')}&port=6432"


@pytest.fixture
def pooled_url(pooler: Path, database_url: str) -> str:
    """The address of a migrated database through the pooler."""
    return pooled(pooler, database_url)
