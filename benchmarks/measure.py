"""How things are measured: a command's seconds and memory, and a server of one's own."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil

from local import postgres
from sql.database import Database, connect
from sql.migrate import migrate


@dataclass(frozen=True)
class Run:
    """A finished command: wall seconds, peak resident megabytes of it and its children, output."""

    seconds: float
    peak_rss_mb: float
    output: Any


def run(*command: str, environment: dict[str, str]) -> Run:
    """Run `python -m COMMAND…` to its end; its last line of output is read as JSON."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", *command], env=environment, stdout=subprocess.PIPE, text=True
    )
    peak = 0
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        peak = max(peak, resident(watched))
        time.sleep(0.02)
    seconds = time.perf_counter() - started
    output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with exit code {process.returncode}")
    return Run(seconds, peak / 1e6, json.loads(output.strip().splitlines()[-1]))


def resident(process: psutil.Process) -> int:
    """Return the resident bytes of a process and its children; shared pages count for each."""
    total = 0
    try:
        for each in [process, *process.children(recursive=True)]:
            total += each.memory_info().rss
    except psutil.NoSuchProcess:
        return total
    return total


@contextmanager
def installed() -> Iterator[tuple[str, Database]]:
    """Give the address of a migrated database on a server of default settings, and a connection."""
    with postgres.temporary() as server:
        server.create_database("bench")
        url = server.url("bench")
        database = connect(url, "benchmark")
        migrate(database)
        yield url, database
        database.close()


def say(line: str) -> None:
    """Print progress to standard error."""
    print(line, file=sys.stderr, flush=True)
