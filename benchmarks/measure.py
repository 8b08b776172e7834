"""How things are measured: a command's seconds and memory, and a server of one's own."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psutil

from local import postgres
from sql.database import Database, connect
from sql.migrate import migrate

LOOKS_A_SEARCH = 20
"""How often memory is looked at until children are looked for again: every 0.4 s."""


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
    peak, looks = 0, 0
    main = psutil.Process(process.pid)
    watched: list[psutil.Process] = []
    while process.poll() is None:
        # Whoever looks for children reads of every process of the machine: 6 ms of a core.
        if looks % LOOKS_A_SEARCH == 0:
            watched = [main, *children(main)]
        peak, looks = max(peak, resident(watched)), looks + 1
        time.sleep(0.02)
    seconds = time.perf_counter() - started
    output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with exit code {process.returncode}")
    return Run(seconds, peak / 1e6, json.loads(output.strip().splitlines()[-1]))


def children(process: psutil.Process) -> list[psutil.Process]:
    """Return the children of a process, and theirs."""
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def resident(processes: list[psutil.Process]) -> int:
    """Return the resident bytes of processes, of those that live; shared pages count for each."""
    total = 0
    for each in processes:
        with suppress(psutil.NoSuchProcess):
            total += each.memory_info().rss
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
