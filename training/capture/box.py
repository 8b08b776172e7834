"""The folder, processes and throwaway secrets of one run, seen from inside the sandbox."""

import contextlib
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

# A neutral folder, so that the logs show this path and not the one of a checkout.
ROOT = Path("/srv/logkiln-capture")
APPS = ROOT / "code/training/capture/apps"
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "HOME": "/",
}

Daemon = subprocess.Popen[bytes]


class Box:
    """Paths, passwords, processes and the seeded generator that all programs of a run share."""

    def __init__(self, seed: int, selected: Collection[str] = ()) -> None:
        """Take the seed and the names of the programs of the run."""
        self.selected = frozenset(selected)
        self.rng = random.Random(seed)
        self.stopping = threading.Event()
        self.quiet = threading.Lock()
        self._passwords: dict[str, str] = {}
        self._lock = threading.Lock()

    def password(self, name: str) -> str:
        """Give the throwaway password of an account, made on first use and never stored."""
        with self._lock:
            return self._passwords.setdefault(name, secrets.token_hex(8))

    def log(self, stem: str) -> Path:
        """Give the path of a captured log file."""
        return ROOT / "log" / f"{stem}.log"

    def home(self, program: str, user: str = "root", mode: int = 0o755) -> Path:
        """Make (once) and give a folder of a program, owned by its user."""
        folder = ROOT / program
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
        shutil.chown(folder, user)
        folder.chmod(mode)
        return folder

    def write(self, path: Path, text: str, user: str = "root", mode: int = 0o644) -> Path:
        """Write a configuration file owned by `user`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        shutil.chown(path, user)
        path.chmod(mode)
        return path

    def pause(self, seconds: float) -> None:
        """Sleep, but wake and raise when the run is being stopped."""
        if self.stopping.wait(seconds):
            raise Stopping

    def spawn(
        self,
        argv: Sequence[object],
        *,
        user: str = "root",
        output: str | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Daemon:
        """Start a program in the foreground; its standard streams go to the log `output`."""
        target = self.log(output) if output else ROOT / "log" / "discarded"
        with target.open("ab") as stream:
            os.fchmod(stream.fileno(), 0o666)
            return subprocess.Popen(
                [str(word) for word in argv],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                cwd=cwd or ROOT,
                env={**ENVIRONMENT, **(env or {})},
                start_new_session=True,
                user=_other(user),
                group=_other(user),
                extra_groups=[] if _other(user) else None,
            )

    def spawn_for_syslog(self, tag: str, argv: Sequence[object]) -> Daemon:
        """Start a daemon whose standard error goes to syslog, as an init system would send it."""
        forward = f'exec "$@" 2> >(exec logger -t {tag} -p daemon.err)'
        return self.spawn(["bash", "-c", forward, tag, *argv])

    def run(
        self,
        argv: Sequence[object],
        *,
        user: str = "root",
        timeout: float = 20,
        text: str = "",
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a client to its end and give what it printed; its exit status is the caller's."""
        return subprocess.run(
            [str(word) for word in argv],
            input=text,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            cwd=ROOT,
            env={**ENVIRONMENT, **(env or {})},
            check=False,
            user=_other(user),
            group=_other(user),
            extra_groups=[] if _other(user) else None,
        )

    def ask(self, port: int, data: bytes, patience: float = 1) -> bytes:
        """Send raw bytes to a port of this machine and give what comes back, if anything does."""
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=3) as client:
                client.sendall(data)
                client.settimeout(patience)
                return client.recv(8192)
        except OSError:  # a reset, a refusal or silence is a rightful answer to rubbish
            return b""

    def send(self, port: int, data: bytes, patience: float = 1) -> None:
        """Send raw bytes to a port of this machine; the answer does not matter."""
        self.ask(port, data, patience)

    def connect(self, port: int) -> socket.socket:
        """Open a connection that says nothing; the caller closes it."""
        return socket.create_connection(("127.0.0.1", port), timeout=3)

    def suspend(self, pids: Iterable[int], seconds: float) -> None:
        """Stop processes for a while, and let them go on even if the run is being stopped."""
        stopped = list(pids)
        strike(stopped, signal.SIGSTOP)
        try:
            self.pause(seconds)
        finally:
            strike(stopped, signal.SIGCONT)

    def must(
        self, argv: Sequence[object], *, user: str = "root", timeout: float = 60, text: str = ""
    ) -> str:
        """Run a set-up step that has to succeed; raise `SetupError` with its output if not."""
        done = self.run(argv, user=user, timeout=timeout, text=text)
        if done.returncode:
            words = " ".join(str(word) for word in argv)
            raise SetupError(f"{words} exited {done.returncode}: {done.stderr or done.stdout}")
        return done.stdout


class SetupError(RuntimeError):
    """A program of the capture could not be prepared or started."""


class Stopping(Exception):
    """The run was asked to stop while a thread was pausing."""


def end(daemon: Daemon | None, sign: signal.Signals = signal.SIGTERM, patience: float = 15) -> None:
    """Ask a process to end, and kill its whole session when it does not in `patience` seconds."""
    if daemon is None or daemon.poll() is not None:
        return
    daemon.send_signal(sign)
    try:
        daemon.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(daemon.pid, signal.SIGKILL)
        daemon.wait()


def kill(daemon: Daemon | None) -> None:
    """Kill a process as the kernel's out-of-memory killer would: at once, without farewell."""
    if daemon is not None and daemon.poll() is None:
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()


def strike(pids: Iterable[int], sign: signal.Signals = signal.SIGKILL) -> None:
    """Signal processes; one that is gone already needs none."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)


def listening(port: int, address: str = "127.0.0.1") -> bool:
    """Tell whether a TCP port accepts connections."""
    try:
        with socket.create_connection((address, port), timeout=2):
            return True
    except OSError:
        return False


def children(pid: int) -> list[int]:
    """Give the process ids of the living children of a process."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            found.append(int(entry.parent.name))
    return sorted(found)


def _other(user: str) -> str | None:
    """Give the user to change to, or None for root, which we are already."""
    return None if user == "root" else user
