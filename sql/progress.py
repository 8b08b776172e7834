"""Progress of long copies: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

SECONDS_BETWEEN_LINES = 10.0


class Progress(Protocol):
    """Something that is told how much more was done."""

    def advance(self, count: int) -> None:
        """Say that `count` more units are done."""


class Bar:
    """A bar with rate and remaining time, drawn by tqdm."""

    def __init__(self, total: int | None, unit: str) -> None:
        """Draw an empty bar of `total` units, or a bare counter when the total is not known."""
        # Only here: the scheduled job has no terminal and does without the package.
        from tqdm import tqdm

        self._bar = tqdm(total=total, unit=" " + unit, unit_scale=True, leave=False)

    def advance(self, count: int) -> None:
        """Move the bar on."""
        self._bar.update(count)

    def close(self) -> None:
        """Take the bar off the screen."""
        self._bar.close()


class Lines:
    """A line on standard error every few seconds, for logs of scheduled runs."""

    def __init__(self, total: int | None, unit: str) -> None:
        """Start at zero of `total`."""
        self._of = f" of {total:,}" if total is not None else ""
        self._unit = unit
        self._done = 0
        self._started = self._said = time.monotonic()

    def advance(self, count: int) -> None:
        """Count on, and say so if the last line is old enough."""
        self._done += count
        now = time.monotonic()
        if now - self._said >= SECONDS_BETWEEN_LINES:
            self._said = now
            rate = self._done / (now - self._started)
            print(f"{self._done:,}{self._of} {self._unit}, {rate:,.0f}/s", file=sys.stderr)

    def close(self) -> None:
        """Nothing to take away."""


def make_bar(total: int | None, unit: str) -> Bar | Lines:
    """Return a bar when standard error is a terminal and tqdm is there, else plain lines."""
    if sys.stderr.isatty():
        try:
            return Bar(total, unit)
        except ModuleNotFoundError:
            pass  # The bar is a comfort: without the package the lines say the same.
    return Lines(total, unit)


@contextmanager
def progress(total: int | None, unit: str) -> Iterator[Progress]:
    """Show progress inside the block; `total` is the number of `unit`s expected, if known."""
    bar = make_bar(total, unit)
    try:
        yield bar
    finally:
        bar.close()
