"""From whatever migration an installation has stopped at, it comes to the schema of a new one."""

import subprocess

import pytest

from local.postgres import Server
from local.programs import clean_environment
from sql import migrate as module
from sql.database import connect
from sql.migrate import migrate, migrations

FILES = migrations()


def dump(server: Server, url: str) -> list[str]:
    """Return the schema of a database as pg_dump writes it, without what differs by run."""
    command = [str(server.bin / "pg_dump"), "--schema-only", "--no-owner", f"--dbname={url}"]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=clean_environment()
    )
    lines = done.stdout.splitlines()
    return [line for line in lines if not line.startswith(("\\restrict", "\\unrestrict"))]


@pytest.fixture(scope="module")
def new(postgres_server: Server, migrated_template: str) -> list[str]:
    """The schema of a new installation."""
    return dump(postgres_server, postgres_server.url(migrated_template))


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
    assert dump(postgres_server, empty_database_url) == new


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [path.stem[:4] for path in FILES] == [f"{at:04}" for at in range(1, len(FILES) + 1)]


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
