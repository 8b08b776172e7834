"""What is appended is loaded, once, through rotation, truncation, restarts and outages."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest import follow as follow_module
from ingest import tail
from ingest.__main__ import main
from ingest.errors import BadFile, BadOption
from ingest.follow import follow
from ingest.positions import Positions
from ingest.read import Reading
from local import postgres
from sql.database import Database, connect
from sql.migrate import migrate
from tests.ingest.test_load import rows_of
from tests.scoring.scorers import until

ROOT = Path(__file__).parents[2]
LINE = "2026-11-24 10:00:00,123 INFO app.a: %s\n"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_module, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(follow_module, "QUIET_SECONDS", 0.1)
    monkeypatch.setattr(tail, "QUIET_SECONDS", 0.1)
    monkeypatch.setattr(tail, "ROTATED_SECONDS", 0.2)


class Following:
    """`follow` in a thread, until stopped."""

    def __init__(self, url: str, paths: list[Path], state: Path) -> None:
        self.said: list[str] = []
        self.failure: Exception | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(url, paths, state))
        self._thread.start()

    def _run(self, url: str, paths: list[Path], state: Path) -> None:
        try:
            follow(lambda: connect(url), paths, Reading(), state, self._stop, self.said.append)
        except Exception as exc:  # noqa: BLE001 - handed to the test
            self.failure = exc

    def wait(self) -> None:
        """Wait until it ends by itself."""
        self._thread.join(20)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(20)
        assert not self._thread.is_alive()
        if self.failure is not None:
            raise self.failure


Start = Callable[..., Following]


@pytest.fixture
def start(database_url: str, tmp_path: Path) -> Iterator[Start]:
    """Start following files; stopped at the end of the test."""
    started: list[Following] = []

    def _start(*paths: Path, url: str = database_url) -> Following:
        started.append(Following(url, list(paths), tmp_path / "state" / "follow.json"))
        return started[-1]

    yield _start
    for each in started:
        each.stop()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_text(LINE % "first")
    return path


def append(path: Path, *messages: str) -> None:
    with path.open("a") as file:
        file.writelines(LINE % message for message in messages)


def messages(database: Database) -> list[str]:
    return [row["message"] for row in rows_of(database)]


def eventually(database: Database, expected: list[str], seconds: float = 15) -> None:
    """Wait until these are the messages, and see that they stay the only ones."""
    deadline = time.monotonic() + seconds
    while (found := messages(database)) != expected and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found == expected
    time.sleep(0.3)
    assert messages(database) == expected


def test_what_is_there_and_what_is_appended_is_loaded(
    start: Start, log: Path, database: Database
) -> None:
    start(log)
    eventually(database, ["first"])
    append(log, "second", "third")
    eventually(database, ["first", "second", "third"])


def test_a_line_is_taken_when_its_end_is_written(
    start: Start, log: Path, database: Database
) -> None:
    start(log)
    with log.open("a") as file:
        file.write((LINE % "second")[:40])
        file.flush()
        eventually(database, ["first"])
        file.write((LINE % "second")[40:])
    eventually(database, ["first", "second"])


def test_a_stack_trace_that_comes_line_by_line_is_one_entry(
    start: Start, log: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "QUIET_SECONDS", 1.0)
    start(log)
    with log.open("a") as file:
        for line in (LINE % "failed", "Traceback (most recent call last):\n", "ValueError: no\n"):
            file.write(line)
            file.flush()
            time.sleep(0.04)
    eventually(database, ["first", "failed\nTraceback (most recent call last):\nValueError: no"])


def test_a_restart_goes_on_where_it_was(start: Start, log: Path, database: Database) -> None:
    one = start(log)
    eventually(database, ["first"])
    one.stop()
    append(log, "second")
    two = start(log)
    eventually(database, ["first", "second"])
    two.stop()
    start(log)
    eventually(database, ["first", "second"])


def test_a_rotated_file_is_read_to_its_end_and_then_the_new_one(
    start: Start, log: Path, database: Database
) -> None:
    following = start(log)
    eventually(database, ["first"])
    old = log.rename(log.with_name("app.log.1"))
    append(old, "late in the old file")
    append(log, "new")
    eventually(database, ["first", "late in the old file", "new"])
    assert any("was rotated" in said for said in following.said)


def test_a_rotated_file_is_read_on_for_a_while_though_it_was_quiet(
    start: Start, log: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "ROTATED_SECONDS", 2.0)
    start(log)
    eventually(database, ["first"])
    time.sleep(2.5)
    old = log.rename(log.with_name("app.log.1"))
    append(log, "new")
    time.sleep(0.5)
    append(old, "late in the old file")
    eventually(database, ["first", "late in the old file", "new"])


def test_a_rotation_while_nobody_looked_loses_nothing(
    start: Start, log: Path, database: Database
) -> None:
    one = start(log)
    eventually(database, ["first"])
    one.stop()
    append(log, "old")
    log.rename(log.with_name("app.log.1"))
    append(log, "new")
    two = start(log)
    eventually(database, ["first", "old", "new"])
    two.stop()
    start(log)
    eventually(database, ["first", "old", "new"])


def test_a_replaced_file_whose_old_one_is_gone_is_read_from_its_start_and_said(
    start: Start, log: Path, database: Database
) -> None:
    one = start(log)
    eventually(database, ["first"])
    one.stop()
    other = log.with_name("other")
    other.write_text(LINE % "new")
    other.replace(log)
    two = start(log)
    eventually(database, ["first", "new"])
    assert any("the old file is not beside it" in said for said in two.said)


def test_a_truncated_file_is_read_from_its_start(
    start: Start, log: Path, database: Database
) -> None:
    append(log, "second")
    following = start(log)
    eventually(database, ["first", "second"])
    log.write_text(LINE % "new")
    eventually(database, ["first", "second", "new"])
    assert any("was truncated" in said for said in following.said)


@pytest.mark.parametrize("way", ["create", "copytruncate"])
def test_logrotate_loses_and_repeats_nothing(
    start: Start, log: Path, database: Database, tmp_path: Path, way: str
) -> None:
    settings = tmp_path / "rotation"
    settings.write_text(f"{log} {{\n  rotate 9\n  {way}\n  su root root\n}}\n")
    settings.chmod(0o644)
    state = str(tmp_path / "rotated")
    logrotate = ["/usr/sbin/logrotate", "--force", "--state", state, str(settings)]
    expected = ["first"]
    following = start(log)
    for turn in range(3):
        eventually(database, expected)
        if turn == 1:
            following.stop()  # Rotated while nobody looks.
        with log.open("a") as writer:
            subprocess.run(logrotate, check=True)
            # A program that was not told goes on writing where it was.
            print(LINE % f"after {turn}", end="", file=writer)
        if turn == 1:
            following = start(log)
        expected.append(f"after {turn}")
    eventually(database, expected)


def test_a_file_truncated_and_grown_beyond_where_it_was_is_read_from_its_start(
    start: Start, log: Path, database: Database
) -> None:
    append(log, "second")
    following = start(log)
    eventually(database, ["first", "second"])
    append(log, "third")  # The beginning is known by now.
    eventually(database, ["first", "second", "third"])
    content = "".join(LINE % f"new {number}" for number in range(9))
    with log.open("r+") as file:  # In one go, so that no poll sees it short.
        file.write(content)
    eventually(database, ["first", "second", "third", *(f"new {number}" for number in range(9))])
    assert any("was truncated" in said for said in following.said)


def test_a_file_that_is_not_there_yet_is_waited_for(
    start: Start, tmp_path: Path, database: Database
) -> None:
    path = tmp_path / "later.log"
    following = start(path)
    until(lambda: following.said)
    append(path, "first")
    eventually(database, ["first"])
    assert following.said[0] == f"{path} does not exist yet: waiting for it"


def test_several_files_keep_their_own_formats(
    start: Start, log: Path, tmp_path: Path, database: Database
) -> None:
    json_log = tmp_path / "api.log"
    json_log.write_text('{"time":"2026-11-24T10:00:00Z","msg":"hello"}\n')
    start(log, json_log)
    eventually(database, ["first", "hello"])
    append(log, "second")
    eventually(database, ["first", "hello", "second"])
    assert [row["source"] for row in rows_of(database)] == ["app", "api", "app"]


def test_a_format_that_shows_later_is_seen(
    start: Start, tmp_path: Path, database: Database
) -> None:
    path = tmp_path / "app.log"
    path.write_text("starting\n")
    start(path)
    eventually(database, ["starting"])
    with path.open("a") as file:
        file.write("WARNING:root:low\nWARNING:root:lower\n")
    eventually(database, ["starting", "low", "lower"])


@pytest.mark.parametrize(
    ("content", "words"), [(b"\x1f\x8b\x08\0", "is compressed"), (b"PK\x03\x04", "a zip archive")]
)
def test_what_cannot_grow_is_refused(
    content: bytes, words: str, database_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "app.log.gz"
    path.write_bytes(content)
    following = Following(database_url, [path], tmp_path / "follow.json")
    following.wait()
    with pytest.raises(BadFile, match=words):
        following.stop()


def test_a_pipe_is_refused_with_the_command_that_follows_it(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(BadFile, match="--follow - < "):
        tail.Tail(path, Reading(), None, print)


@pytest.mark.parametrize("options", [["--dry-run"], ["--shift-to-now"]])
def test_following_refuses_what_needs_an_end(
    options: list[str], log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([str(log), "--follow", *options])
    assert "--follow goes neither with --dry-run nor" in capsys.readouterr().err


def test_two_processes_cannot_share_a_state(start: Start, log: Path, database: Database) -> None:
    start(log)
    eventually(database, ["first"])
    second = Following(database.schema, [log], log.parent / "state" / "follow.json")
    with pytest.raises(BadOption, match="give this one its own --state FILE"):
        second.stop()


@pytest.mark.parametrize("content", ["", "[]", '{"places": {}}', '{"places": {"a": {"x": 1}}}'])
def test_a_state_that_is_none_says_what_to_do(content: str, tmp_path: Path) -> None:
    state = tmp_path / "follow.json"
    state.write_text(content)
    with pytest.raises(BadOption, match="name another file by --state, or remove it"):
        Positions(state, print)


def test_a_transaction_that_was_cut_off_is_loaded_again_and_one_that_was_not_is_not(
    start: Start, log: Path, database: Database, tmp_path: Path
) -> None:
    one = start(log)
    eventually(database, ["first"])
    one.stop()
    append(log, "second")
    state = tmp_path / "state" / "follow.json"
    content = json.loads(state.read_text())
    # As a crash leaves it: the second line prepared, its transaction rolled back.
    transactions = []
    for is_committed in (False, True):
        try:
            with database.transaction():
                transactions.append(database.value("ingest.transaction_id"))
                assert is_committed
        except AssertionError:
            continue
    (place,) = content["places"].values()
    content["pending"] = {str(log): place | {"offset": log.stat().st_size}}
    content["transaction"] = transactions[0]
    state.write_text(json.dumps(content))
    two = start(log)
    eventually(database, ["first", "second"])
    two.stop()
    # And once more, with a transaction that was committed: nothing is to be loaded.
    append(log, "third")
    content["pending"] = {str(log): place | {"offset": log.stat().st_size}}
    content["transaction"] = transactions[1]
    state.write_text(json.dumps(content))
    start(log)
    time.sleep(0.5)
    eventually(database, ["first", "second"])


def test_a_database_that_goes_away_is_waited_for(
    log: Path, tmp_path: Path, postgres_server: postgres.Server
) -> None:
    postgres_server.create_database("leaving")
    url = postgres_server.url("leaving")
    database = connect(url)
    migrate(database)
    following = Following(url, [log], tmp_path / "follow.json")
    eventually(database, ["first"])
    with database.transaction():
        database.run_text("drop table log_entries cascade")
    append(log, "second")
    until(lambda: any("logs wait for the database" in said for said in following.said))
    with database.transaction():
        database.run_text("drop schema public cascade; create schema public")
    migrate(database)
    eventually(database, ["second"])
    following.stop()
    database.close()


@pytest.mark.slow
def test_killed_again_and_again_it_loads_every_line_once(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    path = tmp_path / "app.log"
    path.touch()
    count = 0
    for seconds in (0.7, 0.9, 1.1, 1.3, 1.5, 2.0):
        process = subprocess.Popen(
            [sys.executable, "-m", "ingest", "--follow", str(path), "--state", tmp_path / "state"],
            cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=os.environ | {"DATABASE_URL": database_url, "DATABASE_URL_UNPOOLED": ""},
        )  # fmt: skip
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            append(path, *(str(number) for number in range(count, count + 40)))
            count += 40
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    following = Following(database_url, [path], tmp_path / "state")
    eventually(database, [str(number) for number in range(count)], seconds=60)
    following.stop()


def test_standard_input_is_loaded_as_it_comes(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ingest", "--follow", "-", "--state", tmp_path / "state"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"DATABASE_URL": database_url, "DATABASE_URL_UNPOOLED": ""},
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(LINE % "first")
    process.stdin.flush()
    eventually(database, ["first"])
    process.stdin.write((LINE % "second") + "  more of it")
    out, _ = process.communicate()
    eventually(database, ["first", "second\n  more of it"])
    assert (out, process.returncode) == ("loaded 2 entries\n", 0)


def test_terminated_it_ends_well(log: Path, database: Database, database_url: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ingest", "--follow", log, "--state", log.parent / "state"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"DATABASE_URL": database_url, "DATABASE_URL_UNPOOLED": ""},
    )  # fmt: skip
    eventually(database, ["first"])
    process.terminate()
    out, _ = process.communicate(timeout=20)
    assert (out, process.returncode) == ("loaded 1 entries\n", 0)
