"""Servers of the tests: without the disk where memory has room for what they write.

A database is four hundred files, a test makes one and drops it: on a disk that is busy this takes
0.3 s, in memory 0.05 s.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local import postgres
from local.programs import account_for, folder_elsewhere

UNSYNCED = {"fsync": "off"}
MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30


def memory() -> Path | None:
    """Return a folder in memory, None when there is none in which programs run and data fit."""
    try:
        there = os.statvfs(MEMORY)
    except OSError:
        return None
    fits = there.f_bavail * there.f_frsize >= ROOM and not there.f_flag & os.ST_NOEXEC
    return MEMORY if fits else None


def new_home() -> Path:
    """Make a folder that PostgreSQL's account owns; the caller removes it."""
    return folder_elsewhere(account_for(Path("/nonexistent")), memory())


@contextmanager
def temporary() -> Iterator[postgres.Server]:
    """Start a new server with default settings but for fsync; it vanishes with the block."""
    with postgres.temporary(UNSYNCED, memory()) as server:
        yield server
