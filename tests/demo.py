"""The demo, made once for all tests as a person makes it, from a clean checkout."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from local import postgres
from tests.servers import new_home

ROOT = Path(__file__).parents[1]
SOMEBODY_ELSES = "postgresql://nobody@nowhere.invalid/production"


@dataclass(frozen=True)
class Machine:
    """A checkout that nobody edits meanwhile (changed code begins anew), and where its data go."""

    checkout: Path
    home: Path


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A copy of this checkout, as clean as a clone, on a machine with nothing on it."""
    checkout = tmp_path_factory.mktemp("checkout")
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listing, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, checkout / name)
    home = new_home()
    yield Machine(checkout, home)
    postgres.remove(home / "postgres")
    shutil.rmtree(home)


@contextmanager
def start(home: Path, *arguments: str, checkout: Path = ROOT) -> Iterator[subprocess.Popen[str]]:
    """Run `python -m local`; it has ended when the block has, in whatever way."""
    others = ("DATABASE_URL", "DATABASE_URL_UNPOOLED", "POSTGRES_URL_NON_POOLING")
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "local", "--home", home, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=checkout,
        env={**os.environ, **dict.fromkeys(others, SOMEBODY_ELSES), "API_TOKEN": "another"},
    ) as process:
        try:
            yield process
        except BaseException:
            process.terminate()
            raise


def demo_on(machine: Machine, *arguments: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start the demo on any free port."""
    return start(machine.home, "demo", "--port", "0", *arguments, checkout=machine.checkout)


def once(machine: Machine) -> dict[str, Any]:
    """Run `demo --once`; return its last line."""
    with demo_on(machine, "--once") as demo:
        said, complaints = demo.communicate(timeout=500)
    assert demo.returncode == 0, said + complaints
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


def read_until(stream: IO[str], start_of_line: str) -> str:
    """Return the first line that begins so."""
    for line in stream:
        if line.startswith(start_of_line):
            return line
    raise AssertionError(f"no line began with {start_of_line!r}")


@pytest.fixture(scope="session")
def first_run(machine: Machine) -> dict[str, Any]:
    """What the first run on a new machine found, after two that were killed half-way."""
    for step in ("schema", "logs"):
        with demo_on(machine, "--once") as demo:
            assert demo.stdout is not None
            read_until(demo.stdout, step)
            demo.kill()
    return once(machine)
