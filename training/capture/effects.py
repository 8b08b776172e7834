"""Where a fault shows: which files wrote something in its window that clean times do not know.

A fault's module names the programs that it may reach. Whether it reached them is measured: a file
shows a fault when it wrote lines of a form that no clean stretch of the run has, or wrote more
than twice or less than half as much as in clean times (but not nothing: silence has no lines).
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from training.capture.corpus import Fault, LogFile
from training.capture.stamps import stamp

# Some programs stamp whole seconds: a line written within a window may look up to 1 s earlier.
COARSE = timedelta(seconds=1)
# A signal's number and the status of an answer say what happened; other numbers vary freely.
_VARIABLE = re.compile(rb"(signal \d+|\" [1-5]\d\d )|[0-9a-fA-F]{6,}|\d+")
_LENGTH = 200


def inside(moment: datetime, window: Fault) -> bool:
    """Tell whether a time lies in a window, with the coarseness of the stamps allowed for."""
    return window.start - COARSE < moment <= window.end


def form(line: bytes) -> bytes:
    """Give a line with its numbers and hexadecimal ids masked."""
    return _VARIABLE.sub(lambda found: found[1] or b"#", line[: 2 * _LENGTH])[:_LENGTH]


class Trace:
    """One file of a run: the times and forms of its lines, and what clean times look like."""

    def __init__(self, file: LogFile, windows: list[Fault]) -> None:
        """Read the file; lines without a time belong to the line before them."""
        self._lines = list(_timed(file.lines()))
        clean = [window for window in windows if window.fault is None]
        faults = [window for window in windows if window.fault is not None]
        ordinary = [line for line in self._lines if not any(inside(line[0], w) for w in faults)]
        self._known = {form for _, form in ordinary}
        seconds = sum((window.end - window.start).total_seconds() for window in clean)
        self._rate = len(ordinary) / max(seconds, 1.0)

    def inside(self, window: Fault) -> list[bytes]:
        """Give the forms of the lines written within a window."""
        return [form for moment, form in self._lines if inside(moment, window)]

    def shows(self, window: Fault) -> bool:
        """Tell whether the file shows the fault of the window."""
        forms = self.inside(window)
        if not forms:
            return False
        expected = self._rate * (window.end - window.start + COARSE).total_seconds()
        unusual = not expected / 2 <= len(forms) <= expected * 2
        return unusual or not self._known.issuperset(forms)


def _timed(lines: Iterable[bytes]) -> Iterable[tuple[datetime, bytes]]:
    moment = None
    for line in lines:
        moment = stamp(line) or moment
        if moment is not None:
            yield moment, form(line)
