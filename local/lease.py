"""Who uses a local server: a lock file that no killed process leaves behind."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Lease:
    """A share in a server. The last process to give its share back stops the server.

    Two `flock`s, which the kernel drops when a process ends, however it ends: one is held while
    somebody starts or stops the server, the other is shared by all who use it.
    """

    def __init__(self, path: Path) -> None:
        """Prepare a lease at `path`.lock and `path`.users; nothing is held yet."""
        self._turn = _open(path.with_name(f"{path.name}.lock"))
        self._users = _open(path.with_name(f"{path.name}.users"))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until nobody else starts or stops the server, and keep others waiting meanwhile."""
        fcntl.flock(self._turn, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._turn, fcntl.LOCK_UN)

    def take(self) -> None:
        """Become one of the server's users. Call it within `turn`."""
        fcntl.flock(self._users, fcntl.LOCK_SH)

    def is_last(self) -> bool:
        """Give the share back; True when nobody else has one. Call it within `turn`."""
        fcntl.flock(self._users, fcntl.LOCK_UN)
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Close both files, which drops whatever is held."""
        os.close(self._turn)
        os.close(self._users)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
