"""A PostgreSQL server of one's own, in a folder: for the demo, the tests and the benchmarks.

It listens on a socket inside the data folder and on no port, so nothing can be busy, nobody else
on the machine gets in, and no password is needed. Several processes may share one server.
"""

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from local.errors import ServerError
from local.lease import Lease
from local.postmaster import is_running, launch, stop
from local.programs import (
    Account,
    account_for,
    binaries,
    clean_environment,
    folder_elsewhere,
    version_of,
)

SUPERUSER = "postgres"
LONGEST_PATH = 88
"""Bytes of a data folder's path: a socket's path, 14 longer, ends at 103 (macOS) or 107 (Linux)."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Server:
    """A running server."""

    data: Path
    bin: Path
    _lease: Lease
    _process: subprocess.Popen[bytes] | None

    def url(self, database: str = "postgres", user: str = SUPERUSER) -> str:
        """Return the address of `database` as `user`, for any client built on libpq."""
        return (
            f"postgresql://{quote(user)}@/{quote(database)}?host={quote(str(self.data), safe='')}"
        )

    def psql_command(self, database: str = "postgres") -> str:
        """Return the shell line that opens psql on `database`."""
        return shlex.join([str(self.bin / "psql"), self.url(database)])

    def has_database(self, name: str) -> bool:
        """Say whether there is a database `name`."""
        listed = self._run("psql", "--no-psqlrc", "--list", "--csv", "--tuples-only")
        return name in (line.split(",")[0] for line in listed.splitlines())

    def create_database(
        self, name: str, template: str = "template0", encoding: str = "UTF8"
    ) -> None:
        """Make database `name` as a copy of `template`, to which nobody may be connected."""
        self._run("createdb", f"--template={template}", f"--encoding={encoding}", name)

    def drop_database(self, name: str) -> None:
        """Drop database `name` and end whatever is connected to it."""
        self._run("dropdb", "--force", name)

    def _run(self, program: str, *arguments: str) -> str:
        command = [
            *(str(self.bin / program), f"--host={self.data}", f"--username={SUPERUSER}"),
            *arguments,
        ]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, env=clean_environment()
        )
        if done.returncode != 0:
            raise ServerError(f"{program} failed: {done.stderr.strip()}")
        return done.stdout

    def stop(self) -> None:
        """Stop the server, unless another process still uses it."""
        with self._lease.turn():
            if self._lease.is_last():
                stop(self.data)
                if self._process is not None:
                    self._process.wait()
            elif self._process is not None:
                self._process.returncode = 0  # it outlives us, and that is no mistake to warn of
        self._lease.close()


def start(folder: Path, settings: Mapping[str, str] | None = None, say: Say = print) -> Server:
    """Start the server whose data lie in `folder`, making them first if need be.

    A server that an earlier, killed run left behind is taken over. `settings` (name: value) go
    into the configuration of a folder that is made now. `say` gets a line for whatever a person
    should know. Raises ServerError.
    """
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    account = account_for(folder)
    lease = Lease(folder)
    try:
        with lease.turn():
            data = _within_reach(folder, account, say)
            bin_folder = binaries(account, data.parent)
            process = None
            if not is_running(data):
                _prepare(data, bin_folder, account, settings or {}, say)
                process = launch(data, bin_folder, account)
            lease.take()
    except BaseException:
        lease.close()
        raise
    return Server(data, bin_folder, lease, process)


def remove(folder: Path) -> None:
    """Stop the server on `folder`, if any, and remove its data; ServerError if it is in use."""
    folder = folder.absolute()
    if not folder.parent.is_dir():
        return
    lease = Lease(folder)
    try:
        with lease.turn():
            if not lease.is_last():
                raise ServerError(f"the PostgreSQL on {folder} is in use: end what uses it first")
            data = folder.readlink() if folder.is_symlink() else folder
            stop(data)
            shutil.rmtree(data.parent if folder.is_symlink() else data, ignore_errors=True)
            if folder.is_symlink():
                folder.unlink()
    finally:
        lease.close()


@contextmanager
def temporary(
    settings: Mapping[str, str] | None = None, within: Path | None = None
) -> Iterator[Server]:
    """Start a new server in a temporary folder, `within` one if it can be.

    Both vanish at the end, and when we are killed.
    """
    home = folder_elsewhere(account_for(Path("/nonexistent")), within)
    # Holds the other end of a pipe, which the kernel closes when we end, in whatever way.
    watcher = subprocess.Popen(
        ["/bin/sh", "-c", _CLEAR_AWAY, "sh", str(home)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    server = None
    try:
        server = start(home / "postgres", settings, say=lambda _line: None)
        yield server
    finally:
        watcher.communicate()
        if server is not None:
            server.stop()


_CLEAR_AWAY = """
read -r _
pid=$(head -n 1 "$1/postgres/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"
for _ in 1 2 3 4 5 6 7 8 9 10; do
    test -e "$1/postgres/postmaster.pid" || break
    sleep 0.2
done
rm -rf "$1"
"""


def _within_reach(folder: Path, account: Account, say: Say) -> Path:
    """Return the real place of the data: `folder`, or where its symbolic link leads."""
    if folder.is_symlink():
        target = folder.readlink()
        if target.parent.is_dir() and account.can_enter(target.parent):
            return target
        folder.unlink()  # somebody tidied the temporary folders
    reason = _unfit(folder, account)
    if reason is None:
        return folder
    if folder.exists():
        raise ServerError(
            f"{folder}: {reason}: remove it (it holds demo data only), then run again"
        )
    target = folder_elsewhere(account) / folder.name
    folder.symlink_to(target)
    say(f"{reason}: the data are in {target}")
    return target


def _unfit(folder: Path, account: Account) -> str | None:
    """Say why a server's data cannot lie in `folder`; None when they can."""
    if not account.can_enter(folder.parent):
        return f"PostgreSQL, which does not run as root, cannot enter {folder.parent}"
    if len(os.fsencode(folder)) > LONGEST_PATH:
        return f"the path {folder} is too long for a socket"
    if "," in str(folder):
        return f"the path {folder} has a comma, which would divide it in an address"
    return None


def _prepare(
    data: Path, programs: Path, account: Account, settings: Mapping[str, str], say: Say
) -> None:
    """Make the data folder unless a whole one is there; set aside what is neither."""
    version = data / "PG_VERSION"
    if version.is_file() and (data / "global" / "pg_control").is_file():
        made_by, ours = version.read_text().strip(), version_of(programs).split(".")[0]
        if made_by != ours:
            raise ServerError(
                f"{data} was made by PostgreSQL {made_by}, this is {ours}: "
                "remove it with `make clean` (it holds demo data only), then run again"
            )
        return
    if data.exists() and any(data.iterdir()):
        aside = data.with_name(f"{data.name}.broken-{time.time_ns()}")
        data.rename(aside)
        say(f"{data} held no whole database, so a new one is made; the old files are in {aside}")
    # Made beside its place and then renamed: an interruption leaves nothing that looks finished.
    partial = data.with_name(f"{data.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    account.own(partial)
    _initdb(partial, programs, account, settings)
    partial.rename(data)


def _initdb(data: Path, programs: Path, account: Account, settings: Mapping[str, str]) -> None:
    configured = {"listen_addresses": "", "unix_socket_directories": ".", **settings}
    lines = [f"{name} = '{value}'\n" for name, value in configured.items()]
    command = [
        *(str(programs / "initdb"), f"--pgdata={data}", f"--username={SUPERUSER}"),
        *("--auth=trust", "--encoding=UTF8", "--no-locale", "--no-instructions"),
        *(["--no-sync"] if settings.get("fsync") == "off" else []),
    ]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env=clean_environment(),
        **account.child,
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["no reason was given"]
        raise ServerError(f"initdb could not make {data}: {said[-1]}")
    with (data / "postgresql.conf").open("a", encoding="utf-8") as configuration:
        configuration.writelines(lines)
