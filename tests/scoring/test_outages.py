"""A full disk, a provider's limits, a pooler: the batch says what is wrong, or works anyway."""

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import postgres
from local.programs import account_for, clean_environment
from sql.database import Database, connect
from sql.migrate import migrate
from tests.scoring.checks import check_exactly_once, count_predictions
from tests.scoring.conftest import make
from tests.scoring.scorers import Scorers
from tests.scoring.test_crash import check_all, kill_often

MEGABYTES = 40


@pytest.fixture
def small_disk(postgres_server: postgres.Server) -> Iterator[Path]:
    """A folder on a file system of a few megabytes, which the server may use."""
    folder = postgres_server.data.parent / "small"
    folder.mkdir()
    size = f"size={MEGABYTES}m"
    command = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(command, check=False).returncode == 0
    if not mounted:
        folder.rmdir()
        pytest.skip("mounting a small file system needs root and a kernel that lets it")
    account_for(postgres_server.data).own(folder)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
    folder.rmdir()


def run(server: postgres.Server, program: str, *words: str) -> None:
    """Run one of PostgreSQL's programs on the server."""
    command = [
        str(server.bin / program),
        f"--host={server.data}",
        f"--username={postgres.SUPERUSER}",
    ]
    environment = clean_environment()
    subprocess.run([*command, *words], check=True, capture_output=True, env=environment)


@pytest.fixture
def small_url(
    postgres_server: postgres.Server, migrated_template: str, small_disk: Path
) -> Iterator[str]:
    """The address of a migrated database that lies on the small disk."""
    location = f"create tablespace small location '{small_disk}'"
    run(postgres_server, "psql", "--no-psqlrc", "--command", location)
    run(
        postgres_server,
        "createdb",
        f"--template={migrated_template}",
        "--tablespace=small",
        "small",
    )
    yield postgres_server.url("small")
    postgres_server.drop_database("small")
    run(postgres_server, "psql", "--no-psqlrc", "--command", "drop tablespace small")


def test_a_full_disk_loses_nothing(small_url: str, small_disk: Path, scorers: Scorers) -> None:
    database = connect(small_url)
    make(database, 20_000)
    ballast = small_disk / "ballast"
    # What is left is too little for the predictions of all of them.
    ballast.write_bytes(b"\0" * (shutil.disk_usage(small_disk).free - (1 << 20)))
    scorer = scorers.start(small_url, ROWS_A_CHUNK=1000)
    assert scorer.wait() == 1
    said = scorer.said.splitlines()[-1]
    assert said.startswith("error: ")
    assert "No space left on device" in said
    assert "make room" in said
    assert count_predictions(database) < 20_000
    ballast.unlink()
    check_all(database, small_url, scorers)
    database.close()


def test_limits_on_idle_sessions_do_not_end_a_batch(
    database: Database, database_url: str, scorers: Scorers
) -> None:
    make(database, 20_000)
    with database.transaction():
        database.execute("tests.tighten")
    scorer = scorers.start(database_url, ROWS_A_CHUNK=1000)
    assert scorer.wait() == 0, scorer.said
    check_exactly_once(database)


def test_behind_a_pooler_everything_works_and_nothing_is_left_on_its_connections(
    database: Database, pooled_url: str, scorers: Scorers
) -> None:
    pooled = connect(pooled_url)
    assert migrate(pooled) == []
    with pooled.transaction():
        before = pooled.row("tests.settings")
    for count in (1, 5):
        make(database, 3000, first=count * 10**5)
        started = [scorers.start(pooled_url, ROWS_A_CHUNK=500) for _ in range(count)]
        assert [scorer.wait() for scorer in started] == [0] * count, started[0].said
        check_exactly_once(database)
    with pooled.transaction():
        assert pooled.row("tests.settings") == before
        assert pooled.value("tests.count_advisory_locks") == 0
    pooled.close()


@pytest.mark.slow
def test_behind_a_pooler_scorers_may_be_killed_too(
    chance: random.Random, database: Database, pooled_url: str, scorers: Scorers
) -> None:
    make(database, 10_000)
    kill_often(chance, database, pooled_url, scorers, 15, ROWS_A_CHUNK=1000)
    check_all(database, pooled_url, scorers)
    with database.transaction():
        assert database.value("tests.count_advisory_locks") == 0


def test_a_database_that_is_away_or_empty_is_one_sentence(
    postgres_server: postgres.Server, empty_database_url: str, scorers: Scorers
) -> None:
    for url, said in (
        (postgres_server.url("no_such_database"), 'database "no_such_database" does not exist'),
        (empty_database_url, "run `python -m sql migrate` first"),
    ):
        scorer = scorers.start(url)
        assert scorer.wait() == 1
        assert scorer.said.startswith("error: ")
        assert said in scorer.said
        assert scorer.said.count("\n") == 1


def test_a_schema_that_is_older_than_the_scorer_is_to_be_migrated(
    database: Database, database_url: str, scorers: Scorers
) -> None:
    make(database, 100)
    with database.transaction():
        database.execute("tests.before_predicted_at")
    scorer = scorers.start(database_url)
    assert scorer.wait() == 1
    assert "run `python -m sql migrate` if the schema is older" in scorer.said
    assert scorer.said.count("\n") == 1
    assert count_predictions(database) == 0


def test_a_role_that_may_not_score_changes_nothing(
    postgres_server: postgres.Server, database: Database, database_url: str, scorers: Scorers
) -> None:
    make(database, 100)
    name = database_url.split("/")[3].split("?")[0]
    scorer = scorers.start(postgres_server.url(name, "logkiln_reader"))
    assert scorer.wait() == 1
    assert scorer.said.startswith("error: ")
    assert scorer.said.count("\n") == 1
    assert count_predictions(database) == 0
    batch = scorers.start(postgres_server.url(name, "logkiln_batch"))
    assert batch.wait() == 0, batch.said
    check_exactly_once(database)
