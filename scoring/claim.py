"""What a batch holds while it runs: its shard's lock, and the window of logs that it found then."""

import threading
import time
from contextlib import ExitStack, closing
from types import TracebackType
from typing import Any

from scoring.selection import Selection, window
from sql.database import Database, connect

SECONDS_FOR_LOCK = 5.0
"""A scorer that was killed leaves its lock as soon as the server notices; that takes a moment."""

SECONDS_TO_STOP = 1.0
"""What is still being asked of the server then is left to the end of the process."""


class AlreadyRunning(Exception):
    """Another scorer holds the shard; it does the work, and nothing is left for this one."""


class Claim:
    """The lock, in an open transaction of `database`, and the `parameters` of a window, see there.

    Both are asked for by a thread, from the beginning on: whoever imports models and arrays
    meanwhile, or opens another connection, waits for them afterwards, by `with`.
    """

    database: Database
    parameters: dict[str, Any]

    def __init__(self, url: str, selection: Selection) -> None:
        """Begin."""
        self._held = ExitStack()
        self._error: BaseException | None = None
        self._thread = threading.Thread(
            target=self._take, args=(url, selection), name="claim", daemon=True
        )
        self._thread.start()

    def _take(self, url: str, selection: Selection) -> None:
        try:
            with ExitStack() as held:
                self.database = held.enter_context(closing(connect(url, "logkiln control")))
                held.enter_context(self.database.transaction())
                take_lock(self.database, selection)
                self.parameters = window(self.database, selection)
                self._held = held.pop_all()
        except BaseException as exc:  # noqa: BLE001 - carried to the thread that can act on it
            self._error = exc

    def __enter__(self) -> "Claim":
        """Wait until both are there; raise AlreadyRunning, or DatabaseError."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the lock back."""
        self._held.__exit__(kind, error, trace)

    def close(self) -> None:
        """Give the lock back, if it was taken."""
        self._thread.join(SECONDS_TO_STOP)
        if not self._thread.is_alive():
            self._held.close()


def take_lock(control: Database, selection: Selection) -> None:
    """Take the shard's lock for the life of the open transaction, or raise AlreadyRunning."""
    control.execute("batch.keep_open")
    give_up_at = time.monotonic() + SECONDS_FOR_LOCK
    while not control.value("batch.try_lock", shard=selection.shard_name):
        if time.monotonic() > give_up_at:
            raise AlreadyRunning(
                f"another scorer is at work on shard {selection.shard_name}; nothing to do here"
            )
        time.sleep(0.05)
