"""Scorers in processes of their own, to be run beside each other and killed.

They are forked from a process that has imported everything, so that one starts in milliseconds
and a hundred of them can be killed in a test; what runs is `python -m scoring`'s own `main`.
"""

import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

import pytest


def work(
    words: list[str], environment: dict[str, str], output: str, settings: dict[str, int]
) -> None:
    """Run the scorer in this process, which ends with its exit code."""
    from scoring import reader
    from scoring.__main__ import main

    os.environ.update(environment)
    with Path(output).open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    for name, value in settings.items():
        if not hasattr(reader, name):
            raise AttributeError(f"scoring.reader has no {name}; expected the setting of a test")
        setattr(reader, name, value)
    sys.exit(main(words))


@dataclass
class Scorer:
    """A scorer at work."""

    process: ForkServerProcess
    output: Path

    def kill(self) -> None:
        """End it as the kernel does when memory is short."""
        self.process.kill()
        self.process.join()

    def is_alive(self) -> bool:
        return self.process.is_alive()

    def wait(self, seconds: float = 120) -> int:
        """Return its exit code once it has ended."""
        self.process.join(seconds)
        assert not self.process.is_alive(), f"it still runs after {seconds} s: {self.said}"
        assert self.process.exitcode is not None
        return self.process.exitcode

    @property
    def said(self) -> str:
        """What it printed so far."""
        return self.output.read_text(errors="replace") if self.output.exists() else ""


@dataclass
class Scorers:
    """Starts scorers with the same models."""

    context: ForkServerContext
    folder: Path
    outputs: Path
    count: int = 0

    def start(self, url: str, *words: str, **settings: int) -> Scorer:
        """Start one on the database at `url`; `settings` override constants of the reader."""
        self.count += 1
        output = self.outputs / f"scorer-{self.count}.txt"
        arguments = (
            ["--folder", str(self.folder), *words],
            {"DATABASE_URL": url},
            str(output),
            settings,
        )
        process: Any = self.context.Process(target=work, args=arguments)
        process.start()
        return Scorer(process, output)


@pytest.fixture(scope="session")
def scorers(models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Scorers:
    """What starts scorers."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["scoring.once", "scoring.__main__", "tests.scoring.scorers"])
    return Scorers(context, models_folder, tmp_path_factory.mktemp("scorers"))


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait for something that happens soon."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)
