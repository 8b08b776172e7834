"""The whole way on the other major version that we promise to test on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local import postgres
from local.programs import OTHER_BINARIES, version_of
from scoring.__main__ import main as score
from sql.database import Database, connect
from sql.migrate import migrate
from sql.uninstall import uninstall
from tests.scoring.checks import check_exactly_once
from tests.sql.test_migrate import ledger, objects

PROGRAMS = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="module")
def old_server() -> Iterator[postgres.Server]:
    """A server of PostgreSQL 15."""
    if not (PROGRAMS / "initdb").is_file():
        pytest.fail("PostgreSQL 15 is missing: run .ci/run, or apt-get install postgresql-15")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(OTHER_BINARIES, str(PROGRAMS))
        with postgres.temporary({"fsync": "off"}) as server:
            yield server


@pytest.fixture
def old(old_server: postgres.Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A connection to it; the environment names it."""
    monkeypatch.setenv("DATABASE_URL", old_server.url())
    database = connect()
    yield database
    database.close()


def test_logs_are_scored_and_counted_there_too(
    old_server: postgres.Server, old: Database, models_folder: Path
) -> None:
    assert version_of(old_server.bin).startswith("15.")
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
