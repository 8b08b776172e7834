"""What every captured program offers: start, stop, a ready check, ordinary work and faults."""

import http.client
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from training.capture.box import Box, Daemon, SetupError, children, end, kill

# What a client meets while its server is being broken on purpose: counted, not fatal to the run.
CLIENT_ERRORS = (OSError, EOFError, subprocess.SubprocessError, http.client.HTTPException)


@dataclass(frozen=True)
class Chore:
    """A piece of ordinary work, done about every `every` seconds.

    A `disruptive` one (a restart, a reload) waits for the end of a fault that is being injected.
    """

    name: str
    every: float
    action: Callable[[], object]
    disruptive: bool = False


@dataclass(frozen=True)
class FaultKind:
    """A fault: `inject` causes it, waits for its effects, undoes it and waits for recovery.

    `program` and `affected` are stems of log files; `needs` names programs that must be in the run.
    """

    name: str
    program: str
    affected: tuple[str, ...]
    inject: Callable[[], None]
    needs: tuple[str, ...] = ()


class Program:
    """One captured program. Subclasses say how it is started, used and broken."""

    name: ClassVar[str]
    packages: ClassVar[tuple[str, ...]] = ()
    node_modules: ClassVar[bool] = False  # whether `apps/NAME/package.json` is to be installed
    stems: ClassVar[tuple[str, ...]] = ()
    version_command: ClassVar[tuple[str, ...]] = ()
    patience: ClassVar[float] = 60
    hands: ClassVar[int] = 1  # threads that share the ordinary work
    needs: ClassVar[tuple[str, ...]] = ()  # programs without which this one cannot work

    def __init__(self, box: Box) -> None:
        """Take the box that all programs of the run share."""
        self.box = box
        self.daemon: Daemon | None = None

    def prepare(self) -> None:
        """Write configuration and data before the first start."""

    def start(self) -> None:
        """Start the program; return at once."""

    def ready(self) -> bool:
        """Tell whether the program answers."""
        return True

    def populate(self) -> None:
        """Create schemas, users and the like once the program answers for the first time."""

    def stop(self) -> None:
        """Stop the program in its ordinary way."""
        end(self.daemon)

    def signal(self, sign: signal.Signals) -> None:
        """Send a signal to the program, if it runs."""
        if self.daemon is not None and self.daemon.poll() is None:
            self.daemon.send_signal(sign)

    def alive(self) -> bool:
        """Tell whether the process that was started last still runs."""
        return self.daemon is not None and self.daemon.poll() is None

    def workers(self) -> list[int]:
        """Give the process ids of the program's children."""
        return children(self.daemon.pid) if self.daemon is not None else []

    def crash(self, low: float, high: float) -> None:
        """Kill the program, leave it dead for a while, start it and wait until it answers."""
        kill(self.daemon)
        self.box.pause(self.box.rng.uniform(low, high))
        self.start()
        self.wait_ready()

    def freeze(self, seconds: float) -> None:
        """Stop the program's clock: it keeps its connections and answers nothing."""
        self.signal(signal.SIGSTOP)
        try:
            self.box.pause(seconds)
        finally:
            self.signal(signal.SIGCONT)
        self.wait_ready()

    def work(self) -> list[Chore]:
        """List the ordinary work."""
        return []

    def faults(self) -> list[FaultKind]:
        """List the faults that this program's module can inject."""
        return []

    def version(self) -> str:
        """Give the first line of what the program prints as its version."""
        if not self.version_command:
            return ""
        done = self.box.run(self.version_command)
        return ((done.stdout or done.stderr).strip().splitlines() or [""])[0]

    def attempt(self, action: Callable[..., object], *arguments: object) -> None:
        """Do something that may fail because a fault is on: then failing is what it is for."""
        try:
            action(*arguments)
        except CLIENT_ERRORS:
            return

    def wait_ready(self) -> None:
        """Wait until the program answers; raise `SetupError` if it ended or after `patience` s."""
        deadline = time.monotonic() + self.patience
        while not self.ready():
            ended = self.daemon is not None and self.daemon.poll() is not None
            if ended or time.monotonic() > deadline:
                what = "ended" if ended else f"does not answer after {self.patience:.0f} s"
                last = "\n".join(self._last_lines())
                raise SetupError(f"{self.name} {what}; it wrote last:\n{last}")
            time.sleep(0.25)

    def _last_lines(self) -> list[str]:
        paths = [self.box.log(stem) for stem in self.stems]
        texts = [path.read_text("utf-8", "replace") for path in paths if path.exists()]
        return [line for text in texts for line in text.splitlines()[-5:]]

    def restart(self) -> None:
        """Stop in the ordinary way, start again and wait."""
        self.stop()
        self.start()
        self.wait_ready()
