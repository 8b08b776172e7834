"""What a scheduled run costs: the time to start, and memory that is bounded.

Measured by the kernel's own account of the process, on which other work has no say.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from sql.database import Database
from tests.scoring.checks import check_counts
from tests.scoring.conftest import make

ROOT = Path(__file__).parents[2]
SECONDS_TO_FIND_NOTHING = 1.0
MEGABYTES = 400


# A process that is started begins with its parent's peak of memory, and pytest's own is large: the
# scorer is started by one that is small.
LAUNCHER = """
import json, os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
code = process.returncode = os.waitstatus_to_exitcode(status)
seconds, megabytes = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
print(json.dumps({"code": code, "seconds": seconds, "megabytes": megabytes}))
"""


@dataclass(frozen=True)
class Spent:
    """What a run of the scorer cost: seconds of work of its own, peak of resident megabytes."""

    code: int
    seconds: float
    megabytes: float


def score(url: str, folder: Path, *words: str) -> Spent:
    """Run `python -m scoring` as the scheduled job does."""
    scorer = [sys.executable, "-m", "scoring", "--folder", str(folder), *words]
    command = [sys.executable, "-c", LAUNCHER, *scorer]
    environment = {**os.environ, "DATABASE_URL": url}
    found = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    return Spent(**json.loads(found.stdout))


def test_a_run_that_finds_nothing_is_over_in_a_second(
    database: Database, database_url: str, models_folder: Path
) -> None:
    make(database, 1000)
    assert score(database_url, models_folder).code == 0
    # The first of several pays for files that are not in memory yet.
    spent = min(
        (score(database_url, models_folder) for _ in range(3)), key=lambda each: each.seconds
    )
    assert spent.code == 0
    assert spent.seconds < SECONDS_TO_FIND_NOTHING


@pytest.mark.slow
def test_memory_is_bounded_however_many_logs_there_are(
    database: Database, database_url: str, models_folder: Path
) -> None:
    # Several chunks, read by a process of its own, an eighth of the logs with an id of its own.
    make(database, 250_000)
    spent = score(database_url, models_folder)
    assert spent.code == 0
    assert spent.megabytes < MEGABYTES
    check_counts(database)
