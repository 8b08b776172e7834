"""The function's host on this machine: its own builder, and its way to start what was built.

The builder is the npm package that the host itself runs, pinned and locked in benchmarks/builder/.
It works offline but for the registries that it installs from, and on a copy of the checkout.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import node

ROOT = Path(__file__).parents[1]
BUILDER = ROOT / "benchmarks" / "builder"
OLDEST_PYTHON = (3, 12)
FUNCTION = Path("functions", "api", "ml_lightweight.func")
PROJECT = {"projectId": "prj_local", "orgId": "team_local", "settings": {"framework": None}}
SECONDS_TO_START = 20.0


class HostError(Exception):
    """Something that the host needs is missing, or its builder failed; says what to do."""


@dataclass(frozen=True)
class Built:
    """What the builder made: `output` as it would be deployed, and the Python that it is for."""

    output: Path
    python: Path
    said: str

    @property
    def function(self) -> Path:
        """The folder of the one function."""
        return self.output / FUNCTION


def build(folder: Path, further: Mapping[str, str] | None = None) -> Built:
    """Build a copy of the checkout below `folder`; `further` files (path: text) are put into it.

    Raises HostError.
    """
    copy = folder / "copy"
    _copy_checkout(copy)
    for name, text in (further or {}).items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(text, encoding="utf-8")
    (copy / ".vercel").mkdir()
    (copy / ".vercel" / "project.json").write_text(json.dumps(PROJECT), encoding="utf-8")
    python, version = find_python(copy / "api" / ".python-version")
    (copy / "api" / ".python-version").write_text(f"{version}\n", encoding="utf-8")
    environment = node.environment(say=lambda _line: None)
    tools = _tools(folder / "bin", python, version)
    environment |= {
        "PATH": f"{tools}{os.pathsep}{environment['PATH']}",
        "VERCEL_TELEMETRY_DISABLED": "1",
        "CI": "1",
    }
    environment.pop("VIRTUAL_ENV", None)
    command = [
        *("node", str(node.packages(BUILDER, environment) / "vercel" / "dist" / "vc.js")),
        *("build", "--yes", "--standalone", f"--cwd={copy}", f"--output={folder / 'output'}"),
        f"--global-config={folder / 'configuration'}",
    ]
    said = _run(command, folder, environment)
    return Built(folder / "output", python, said)


def _copy_checkout(to: Path) -> None:
    """Copy what git knows or could add: what is ignored never reaches the host either."""
    listed = _run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        ROOT,
        dict(os.environ),
    )
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def _tools(folder: Path, python: Path, version: str) -> Path:
    """Make a folder in which the builder finds the right Python, and uv."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        raise HostError("the host's builder needs uv: python -m pip install uv")
    folder.mkdir()
    for name in ("python3", f"python{version}"):
        (folder / name).symlink_to(python)
    (folder / "uv").symlink_to(uv)
    return folder


def find_python(wanted: Path | None = None) -> tuple[Path, str]:
    """Return a Python that the host offers, with its version: the one in file `wanted` if here.

    Raises HostError when there is none of 3.12 or newer.
    """
    found: dict[str, Path] = {}
    for candidate in _pythons():
        version = _version(candidate)
        if version >= OLDEST_PYTHON:
            found.setdefault(f"{version[0]}.{version[1]}", candidate)
    if not found:
        raise HostError(
            "the host runs Python 3.12 or newer, and none is on PATH or in pyenv: install one "
            "(Debian 13: apt-get install python3.13; elsewhere: pyenv install 3.12)"
        )
    asked = wanted.read_text(encoding="utf-8").strip() if wanted else ""
    version_found = asked if asked in found else min(found)
    return found[version_found].resolve(), version_found


def _pythons() -> Iterator[Path]:
    yield Path(sys.executable)
    for minor in range(12, 15):
        if path := shutil.which(f"python3.{minor}"):
            yield Path(path)
    if path := shutil.which("python3"):
        yield Path(path)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(pyenv.glob("versions/*/bin/python3"))


def _version(python: Path) -> tuple[int, int]:
    """Return (major, minor), or (0, 0) for what does not run, such as a shim that leads nowhere."""
    code = "import sys; print(sys.version_info[0], sys.version_info[1])"
    done = subprocess.run([python, "-c", code], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        return (0, 0)
    major, minor = done.stdout.split()
    return (int(major), int(minor))


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=folder, env=environment
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines()[-20:]
        raise HostError(f"`{command[0]} {Path(command[1]).name}` failed:\n" + "\n".join(said))
    return done.stdout + done.stderr


@dataclass(frozen=True)
class Started:
    """A started function: it listens on 127.0.0.1 at `port`."""

    port: int
    started_at: float
    """When its process was started, by `time.perf_counter`."""


@contextmanager
def start(function: Path, python: Path, environment: Mapping[str, str]) -> Iterator[Started]:
    """Start a built function as the host does, with `environment`; it ends with the block.

    The host's runtime tells over a socket of its own on which port it listens. Raises HostError.
    """
    with (
        tempfile.TemporaryDirectory(prefix="host-") as folder,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        address = str(Path(folder, "ipc"))
        listener.bind(address)
        listener.listen()
        listener.settimeout(SECONDS_TO_START)
        started_at = time.perf_counter()
        process = subprocess.Popen(
            [python, "-s", "vc__handler__python.py"],
            cwd=function,
            env={**_configured(function), **environment, "VERCEL_IPC_PATH": address},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            yield Started(_port(listener, process), started_at)
        finally:
            process.kill()
            process.communicate()


def _configured(function: Path) -> dict[str, str]:
    config = json.loads((function / ".vc-config.json").read_text(encoding="utf-8"))
    return dict(config["environment"])


def _port(listener: socket.socket, process: subprocess.Popen[bytes]) -> int:
    """Wait until the runtime says where it listens; read on, so that it never has to wait."""
    try:
        connection, _ = listener.accept()
        connection.settimeout(SECONDS_TO_START)
        received = b""
        while True:
            received += (chunk := connection.recv(65536))
            for message in filter(None, received.split(b"\0")[:-1]):
                told: dict[str, Any] = json.loads(message)
                if told["type"] == "server-started":
                    connection.settimeout(None)
                    threading.Thread(target=_drain, args=(connection,), daemon=True).start()
                    return int(told["payload"]["httpPort"])
            if not chunk:
                break
    except TimeoutError:
        pass
    process.kill()
    said = process.communicate()[0].decode(errors="replace")
    raise HostError(f"the function did not start:\n{said}\n{received.decode(errors='replace')}")


def _drain(connection: socket.socket) -> None:
    with connection:
        while connection.recv(65536):
            pass
