"""Killed at any moment, cut off or restarted: one more run leaves every log scored exactly once."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from local import postgres
from local.programs import account_for, clean_environment
from sql.database import Database, connect
from sql.errors import Unreachable
from sql.migrate import migrate
from tests import servers
from tests.scoring.checks import check_counts, check_exactly_once
from tests.scoring.conftest import make
from tests.scoring.scorers import Scorer, Scorers, until

KILLS = 100
KILLS_OF_READERS = 5
SMALL = {"ROWS_A_CHUNK": 400}
POINTS = ("start", "read", "copy", "templates", "alerts", "refresh")
"""Where a scorer is held when something happens to it, see crash.sql."""


def seconds_of_a_run(database: Database, url: str, scorers: Scorers, **settings: int) -> float:
    """Return how long a scorer takes that nobody disturbs."""
    scorers.start(url, **settings).wait()  # The first pays for what the others find ready.
    make(database, 4_000, first=10**6)
    started = time.monotonic()
    assert scorers.start(url, **settings).wait() == 0
    return time.monotonic() - started


def kill_often(
    chance: random.Random,
    database: Database,
    url: str,
    scorers: Scorers,
    kills: int,
    **settings: int,
) -> None:
    """Kill scorers at random moments of their work, and check what they leave."""
    longest = 1.1 * seconds_of_a_run(database, url, scorers, **settings)
    killed, first = 0, 10**7
    while killed < kills:
        make(database, 500, first=first)
        first += 500
        scorer = scorers.start(url, **settings)
        time.sleep(chance.uniform(0, longest))
        if scorer.is_alive():
            scorer.kill()
            killed += 1
            if killed % 10 == 0:
                check_counts(database)
        else:
            assert scorer.wait() == 0, scorer.said
            make(database, 4_000, first=first)
            first += 4_000


def check_all(database: Database, url: str, scorers: Scorers) -> None:
    """Run once more and check that everything is as if nothing had happened."""
    last = scorers.start(url)
    assert last.wait() == 0, last.said
    check_exactly_once(database)
    with database.transaction():
        batches = database.rows("tests.batches")
        look = database.row("tests.one_look")
        assert database.rows("tests.traces_recounted") == []
    assert {row["status"] for row in batches} <= {"done", "interrupted", "failed"}
    assert look["overview"] == look["by_level"] == look["by_template"]
    assert look["overview"] == sum(row["count_logs"] for row in batches)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_scorer_may_be_killed_at_any_moment(
    chance: random.Random, database: Database, database_url: str, scorers: Scorers
) -> None:
    make(database, 8_000)
    kill_often(chance, database, database_url, scorers, KILLS, **SMALL)
    check_all(database, database_url, scorers)
    with database.transaction():
        batches = database.rows("tests.batches")
    interrupted = [row["count_logs"] for row in batches if row["status"] == "interrupted"]
    # Not all before their first chunk, nor all after their last.
    assert len(interrupted) > KILLS / 5
    assert 0 in interrupted
    assert any(0 < count < max(interrupted) for count in interrupted)


@pytest.mark.slow
def test_a_scorer_may_be_killed_while_another_process_reads_for_it(
    chance: random.Random, database: Database, database_url: str, scorers: Scorers
) -> None:
    make(database, 8_000)
    kill_often(chance, database, database_url, scorers, KILLS_OF_READERS, OWN_PROCESS_FROM=0)
    check_all(database, database_url, scorers)

    def all_are_gone() -> bool:
        with database.transaction():
            return bool(database.value("tests.count_connections") == 0)

    until(all_are_gone)


@pytest.fixture(scope="module")
def own_server() -> Iterator[postgres.Server]:
    """A server that may be restarted."""
    with servers.temporary() as server:
        database = connect(server.url())
        migrate(database)
        database.close()
        yield server


def restart(server: postgres.Server) -> None:
    """Restart as after a crash: nothing is said to clients, nothing is written out."""
    account = account_for(server.data)
    command = [
        *(str(server.bin / "pg_ctl"), "restart", "-m", "immediate", "-w"),
        *("-D", str(server.data), "-l", str(server.data / "restarted.log")),
    ]
    subprocess.run(
        command, check=True, capture_output=True, cwd="/", env=clean_environment(), **account.child
    )


def held_at(
    point: str, url: str, scorers: Scorers, then: Callable[[Scorer], None], **settings: int
) -> Scorer:
    """Start a scorer on new logs, hold it at `point`, do `then` and let it go; return it."""
    database, holder = connect(url), connect(url)
    with database.transaction():
        database.execute("tests.make_february_logs", count=300)
        database.execute("batch.ensure_partitions", days=["2001-02-03"])
    make(database, 300, first=time.monotonic_ns())

    def is_held() -> bool:
        with database.transaction():
            return bool(database.value("tests.count_waiting_scorers"))

    # A restart ends the holder's connection too.
    with suppress(Unreachable), holder.transaction():
        holder.execute(f"tests.hold_{point}")
        scorer = scorers.start(url, **{**SMALL, **settings})
        until(is_held)
        database.close()
        then(scorer)
    holder.close()
    return scorer


def check_after(url: str, scorers: Scorers) -> None:
    database = connect(url)
    check_counts(database)
    check_all(database, url, scorers)
    database.close()


@pytest.mark.parametrize("point", POINTS)
def test_one_that_is_killed_in_the_middle_of_a_step(
    point: str, own_server: postgres.Server, scorers: Scorers
) -> None:
    held_at(point, own_server.url(), scorers, lambda scorer: scorer.kill())
    check_after(own_server.url(), scorers)


@pytest.mark.parametrize("point", POINTS)
def test_a_connection_that_is_cut_in_the_middle_of_a_step(
    point: str, own_server: postgres.Server, scorers: Scorers
) -> None:
    url = own_server.url()
    scorer = held_at(point, url, scorers, lambda _: end_connection(url, "logkiln writer"))
    assert scorer.wait() == 1
    # The driver may print a line of its own before.
    last = scorer.said.splitlines()[-1]
    assert last.startswith("error: no connection to PostgreSQL: ")
    assert "run again" in last
    check_after(own_server.url(), scorers)


@pytest.mark.parametrize("point", POINTS)
def test_one_that_lost_its_lock_gives_way_to_the_next(
    point: str, own_server: postgres.Server, scorers: Scorers
) -> None:
    following: list[Scorer] = []

    def take_over(_: Scorer) -> None:
        end_connection(own_server.url(), "logkiln control")
        following.append(scorers.start(own_server.url(), **SMALL))
        time.sleep(0.5)

    scorer = held_at(point, own_server.url(), scorers, take_over)
    codes = [each.wait() for each in (scorer, *following)]
    assert 0 in codes, scorer.said + following[0].said
    for each, code in zip((scorer, *following), codes, strict=True):
        assert code == 0 or each.said.startswith("error: ")
    check_after(own_server.url(), scorers)


@pytest.mark.parametrize("point", POINTS)
def test_a_server_that_is_restarted_in_the_middle_of_a_step(
    point: str, own_server: postgres.Server, scorers: Scorers
) -> None:
    scorer = held_at(point, own_server.url(), scorers, lambda _: restart(own_server))
    assert scorer.wait() == 1
    assert scorer.said.splitlines()[-1].startswith("error: no connection to PostgreSQL: ")
    check_after(own_server.url(), scorers)


def end_connection(url: str, application: str) -> None:
    """End the one connection of a scorer that has this name."""
    database = connect(url)
    with database.transaction():
        assert database.value("tests.terminate_scorers", application=application) == 1
    database.close()


def children(process: int) -> list[int]:
    """Return the processes that a process started."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(number) for number in listed.split()]


def kill_reader(scorer: Scorer) -> None:
    """Kill the process that reads for a scorer."""
    assert scorer.process.pid is not None
    (reader,) = [
        child
        for child in children(scorer.process.pid)
        if b"scoring.reader" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
    os.kill(reader, signal.SIGKILL)


@pytest.mark.parametrize("how", ["its connection is cut", "it is killed"])
def test_a_process_that_reads_and_comes_to_an_end(
    how: str, own_server: postgres.Server, scorers: Scorers
) -> None:
    def end(scorer: Scorer) -> None:
        if how == "it is killed":
            kill_reader(scorer)
        else:
            end_connection(own_server.url(), "logkiln reader")

    scorer = held_at("read", own_server.url(), scorers, end, OWN_PROCESS_FROM=0)
    assert scorer.wait() == 1
    last = scorer.said.splitlines()[-1]
    assert last.startswith("error: ")
    assert "run again" in last
    check_after(own_server.url(), scorers)


def test_one_that_watches_goes_on_after_a_restart_of_the_server(
    own_server: postgres.Server, scorers: Scorers
) -> None:
    watcher = scorers.start(own_server.url(), "--watch", "0.1")
    for number in range(2):
        database = connect(own_server.url())
        make(database, 100, first=time.monotonic_ns())

        def is_scored(database: Database = database) -> bool:
            with database.transaction():
                return not database.rows("tests.unpredicted")

        until(is_scored)
        database.close()
        if number == 0:
            restart(own_server)
    watcher.process.terminate()
    assert watcher.wait() == 0
    check_after(own_server.url(), scorers)
