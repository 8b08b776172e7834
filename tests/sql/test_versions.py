"""From whatever migration an installation has stopped at, it comes to the schema of a new one."""

import gzip
import re
import subprocess
from pathlib import Path

import pytest

from local.postgres import Server
from local.programs import clean_environment
from sql import migrate as module
from sql.database import connect
from sql.migrate import migrate, migrations
from tests.sql.conftest import dump

FILES = migrations()
FOLDER = Path(__file__).parent / "released"
RELEASED = sorted(FOLDER.glob("*.sql.gz"))
"""What pg_dump wrote of each released version, after a batch of 300 made-up logs."""

SCHEMA_ONLY = ("--schema-only", "--no-owner")
WITHOUT_DAYS = ("--exclude-table=*_predictions_[0-9]*",)


@pytest.fixture(scope="module")
def new(postgres_server: Server, migrated_template: str) -> list[str]:
    """The schema of a new installation."""
    url = postgres_server.url(migrated_template)
    return dump(postgres_server, url, *SCHEMA_ONLY, *WITHOUT_DAYS)


@pytest.mark.parametrize("stopped_at", [path.stem for path in FILES[:-1]])
def test_an_installation_that_stopped_earlier_comes_to_the_same_schema(
    stopped_at: str,
    new: list[str],
    postgres_server: Server,
    empty_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = connect(empty_database_url)
    earlier = [path for path in FILES if path.stem <= stopped_at]
    with monkeypatch.context() as patch, database.transaction():
        patch.setattr(module, "migrations", lambda: earlier)
        database.execute("schema.create_ledger")
        module.apply_migrations(database, {})
    done = migrate(database)
    database.close()
    assert [name for name in done if name[0].isdigit()] == [
        path.stem for path in FILES if path.stem > stopped_at
    ]
    assert dump(postgres_server, empty_database_url, *SCHEMA_ONLY, *WITHOUT_DAYS) == new


@pytest.mark.parametrize("version", [path.name.removesuffix(".sql.gz") for path in RELEASED])
def test_a_released_version_comes_to_the_same_schema_and_keeps_its_numbers(
    version: str, new: list[str], postgres_server: Server, empty_database_url: str
) -> None:
    psql = [str(postgres_server.bin / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1"]
    restored = subprocess.run(
        [*psql, empty_database_url],
        check=False, capture_output=True, env=clean_environment(),
        input=gzip.decompress((FOLDER / f"{version}.sql.gz").read_bytes()),
    )  # fmt: skip
    assert restored.returncode == 0, restored.stderr.decode()
    database = connect(empty_database_url)
    assert migrate(database)
    with database.transaction():
        database.execute("schema.refresh")
        database.execute("batch.partitions_ahead")
        for parts in ("parts", "anomalous_parts", "recent_parts"):
            assert len(set(database.row(f"tests.{parts}").values())) == 1
        assert database.value("tests.count_stored") == 300
    database.close()
    upgraded = dump(postgres_server, empty_database_url, *SCHEMA_ONLY, *WITHOUT_DAYS)
    assert upgraded == new


def test_every_migration_has_a_number_of_its_own() -> None:
    numbers = [path.stem[:5] for path in FILES]
    assert all(re.fullmatch(r"\d{4}_", number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_migrations_do_not_commit_or_need_a_superuser() -> None:
    for path in FILES:
        code = "\n".join(
            line.split("--")[0] for line in path.read_text(encoding="utf-8").lower().splitlines()
        )
        for word in (
            "commit;",
            "rollback;",
            "begin;",
            "create extension",
            "concurrently",
            "vacuum",
        ):
            assert word not in code, f"{path.name} has {word!r}"
