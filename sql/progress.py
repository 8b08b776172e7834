"""Progress of long copies: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """Something that is told how much there is and how much more was done; this one is silent."""

    def expect(self, total: int) -> None:
        """Say, before any is done, that there are about `total` units, which was not known yet."""

    def advance(self, count: int) -> None:
        """Say that `count` more units are done."""

    def close(self) -> None:
        """Say that no more comes."""


SILENT = Progress()


class Bar(Progress):
    """A bar with rate and remaining time, drawn by tqdm; a counter with rate while, or once, it is
    not known how much there is."""

    def __init__(self, total: int | None, unit: str) -> None:
        """Draw an empty bar of `total` units."""
        # Only here: the scheduled job has no terminal and does without the package.
        from tqdm import tqdm

        self._bar = tqdm(total=total, unit=" " + unit, unit_scale=True, leave=False)

    def expect(self, total: int) -> None:
        """Draw it anew: what went by until now was no work on these units."""
        self._bar.reset(total)

    def advance(self, count: int) -> None:
        """Move the bar on."""
        self._bar.update(count)

    def close(self) -> None:
        """Take the bar off the screen."""
        self._bar.close()


class Lines(Progress):
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


def make_bar(total: int | None, unit: str) -> Progress:
    """Return a bar when standard error is a terminal and tqdm is there, else plain lines; what says
    nothing when there is none."""
    if not sys.stderr:
        return SILENT
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
