"""What a run of several steps tells the person who waits: each step, what came out, its time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Step:
    """One step while it runs; set `result` to what came out of it, in a few words."""

    def __init__(self) -> None:
        """Begin with nothing to tell."""
        self.result = ""


class Steps:
    """Prints a line for each step: its name, its result and its seconds."""

    def __init__(self) -> None:
        """Start the clock of the whole run."""
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the first step."""
        return time.monotonic() - self._started

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Run the block as step `name`; on a terminal its name shows while it runs."""
        started = time.monotonic()
        step = Step()
        if sys.stdout.isatty():
            print(f"{name:<12} …", end="\r", flush=True)
        yield step
        seconds = time.monotonic() - started
        print(f"{name:<12} {step.result:<60} {seconds:6.1f} s", flush=True)

    def note(self, text: str) -> None:
        """Print a line that belongs to no step's end."""
        print(f"{'':<12} {text}", flush=True)
