"""The server process on a data folder: starting, finding and stopping it."""

import os
import signal
import subprocess
import time
from pathlib import Path

from local.errors import ServerError
from local.programs import Account, clean_environment

PATIENCE = 120.0
"""Seconds that a start, with recovery after a crash, or a stop may take."""


def launch(data: Path, programs: Path, account: Account) -> subprocess.Popen[bytes]:
    """Start the server and return its process once it takes connections."""
    log = data / "server.log"
    deadline = time.monotonic() + PATIENCE
    while True:
        with log.open("wb") as sink:
            process = subprocess.Popen(
                [str(programs / "postgres"), "-D", str(data)],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=clean_environment(),
                start_new_session=True,  # Ctrl-C is for us alone: we stop it when we are done
                **account.child,
            )
        while process.poll() is None and time.monotonic() < deadline:
            if _pid(data) == process.pid and _status(data) == "ready":
                return process
            time.sleep(0.02)
        if process.poll() is None:
            process.send_signal(signal.SIGQUIT)
            process.wait()
            raise ServerError(f"PostgreSQL was not ready after {PATIENCE:.0f} s; its log is {log}")
        said = log.read_text(errors="replace")
        # The last server was killed and one of its children has yet to notice.
        if "pre-existing shared memory block" not in said or time.monotonic() > deadline:
            raise ServerError(_why_not(said, data))
        time.sleep(0.2)


def _why_not(said: str, data: Path) -> str:
    wrong = [line for line in said.splitlines() if "FATAL" in line or "PANIC" in line]
    reason = (wrong or said.strip().splitlines() or ["it said nothing"])[0]
    return (
        f"PostgreSQL did not start on {data}: {reason}: if the folder is damaged, remove it with "
        "`make clean` (it holds demo data only), then run again"
    )


def is_running(data: Path) -> bool:
    """Say whether a server runs on `data`, after waiting for one that is starting or stopping."""
    deadline = time.monotonic() + PATIENCE
    while pid := _pid(data):
        status = _status(data)
        if status == "ready":
            return True
        if time.monotonic() > deadline:
            raise ServerError(
                f"the PostgreSQL on {data} (process {pid}) is {status or 'silent'} for "
                f"{PATIENCE:.0f} s now: stop it with `kill -QUIT {pid}`, then run again"
            )
        time.sleep(0.1)
    return False


def _pid(data: Path) -> int | None:
    """Return the process id of the server on `data`; clear away what a killed one left."""
    lines = _pid_file(data)
    if not lines or not lines[0].isdigit():
        return None
    pid = int(lines[0])
    if _is_server(pid, data):
        return pid
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        (data / name).unlink(missing_ok=True)
    return None


def _is_server(pid: int, data: Path) -> bool:
    """Say whether process `pid` is the server on `data`.

    The number alone proves nothing: after a reboot it may be another process's. A server's working
    folder is its data folder.
    """
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False  # gone, or of an account that is not the data's owner
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data.resolve()
    except FileNotFoundError:
        return not Path("/proc/self").exists()  # a zombie, or a system without /proc
    except PermissionError:
        return True


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _status(data: Path) -> str:
    """Return "starting", "ready" or "stopping": line 8 of the pid file, "" before it is there."""
    lines = _pid_file(data)
    return lines[7].strip() if len(lines) > 7 else ""


def stop(data: Path) -> None:
    """Stop the server on `data` at once, but cleanly: sessions end, what is committed stays."""
    pid = _pid(data)
    if pid is None:
        return
    os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + PATIENCE
    while _pid(data) == pid:
        if time.monotonic() > deadline:
            raise ServerError(
                f"PostgreSQL (process {pid}) does not stop: `kill -QUIT {pid}` ends it; "
                "the next start recovers what was committed"
            )
        time.sleep(0.05)
