"""One run: ordinary work in threads, and faults one at a time with clean gaps between them."""

import heapq
import random
import signal
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from training.capture.box import Box, SetupError, Stopping
from training.capture.ledger import Ledger
from training.capture.program import CLIENT_ERRORS, Chore, FaultKind, Program

OPENING, CLOSING = 45.0, 25.0  # clean seconds before the first and after the last fault


@dataclass(frozen=True)
class Course:
    """How a run goes: for how long, how long the clean gaps are, and which faults are injected.

    `gap` is a mean, in seconds. Fault kinds that were `seen` least often in earlier runs come
    first; `faults` limits the choice to some kinds, unless it is empty.
    """

    minutes: float
    gap: float
    seen: Mapping[str, int]
    faults: tuple[str, ...] = ()


class Scheduler:
    """Starts the programs, works and breaks them for a while, and stops them in reverse order."""

    def __init__(self, box: Box, programs: list[Program], ledger: Ledger) -> None:
        """Take the programs in the order in which they start."""
        self.box = box
        self.programs = programs
        self.ledger = ledger
        self.client_errors: Counter[str] = Counter()
        self.restarted: Counter[str] = Counter()
        self.failed_faults: list[str] = []
        self.failed_chores: list[str] = []
        self._threads: list[threading.Thread] = []
        threading.excepthook = self._lose

    def run(self, course: Course, say: Callable[[str], None]) -> None:
        """Run a course from the first start to the last stop."""
        deadline = time.monotonic() + course.minutes * 60
        try:
            for program in self.programs:
                say(f"starting {program.name}")
                program.prepare()
                program.start()
                program.wait_ready()
                program.populate()
            self._put_to_work()
            self.box.pause(min(OPENING, 2 * course.gap))
            for kind in plan(self._kinds(course.faults), course.seen, self.box.rng):
                if time.monotonic() > deadline - CLOSING:
                    break
                try:
                    self._break(kind, say)
                except SetupError as error:  # keep what the run has shown so far
                    say(f"ending early, {error}")
                    break
                self.box.pause(course.gap * self.box.rng.uniform(0.65, 1.35))
            self.box.pause(CLOSING)
        except (KeyboardInterrupt, Stopping):
            say("interrupted: stopping the programs")
            raise KeyboardInterrupt from None
        finally:
            self._wind_down(say)

    def _kinds(self, wanted: Collection[str]) -> list[FaultKind]:
        names = {program.name for program in self.programs}
        kinds = [kind for program in self.programs for kind in program.faults()]
        possible = [kind for kind in kinds if names.issuperset(kind.needs)]
        return [kind for kind in possible if not wanted or kind.name in wanted]

    def _put_to_work(self) -> None:
        for program in self.programs:
            chores = program.work()
            for _ in range(program.hands if chores else 0):
                seed = self.box.rng.random()
                thread = threading.Thread(
                    target=self._work, args=(program.name, chores, seed, program.hands)
                )
                thread.start()
                self._threads.append(thread)

    def _work(self, name: str, chores: list[Chore], seed: float, hands: int) -> None:
        rng = random.Random(seed)
        start = time.monotonic()
        due = [(start + rng.uniform(0, chore.every * hands), i) for i, chore in enumerate(chores)]
        heapq.heapify(due)
        while not self.box.stopping.is_set():
            moment, i = due[0]
            if self.box.stopping.wait(max(0.0, moment - time.monotonic())):
                return
            chore = chores[i]
            wait = rng.expovariate(1 / (chore.every * hands))
            heapq.heapreplace(due, (time.monotonic() + wait, i))
            try:
                self._do(chore)
            except CLIENT_ERRORS as error:
                self.client_errors[f"{name}: {chore.name}: {type(error).__name__}"] += 1
            except SetupError as error:
                self.failed_chores.append(f"{name}: {chore.name}: {error}")
            except Stopping:
                return

    def _lose(self, lost: threading.ExceptHookArgs) -> None:
        """Record that a thread died of an error nobody foresaw; the others go on."""
        name = lost.thread.name if lost.thread else "a thread"
        traceback.print_exception(lost.exc_type, lost.exc_value, lost.exc_traceback)
        self.failed_chores.append(f"{name} died: {lost.exc_value!r}")

    def _do(self, chore: Chore) -> None:
        if not chore.disruptive:
            chore.action()
        # A restart waits for its turn only briefly: a fault is on, and another moment will do.
        elif self.box.quiet.acquire(timeout=0.1):
            try:
                chore.action()
            finally:
                self.box.quiet.release()

    def _break(self, kind: FaultKind, say: Callable[[str], None]) -> None:
        say(f"fault {kind.name}")
        with self.box.quiet, self.ledger.fault(kind.name, kind.program, kind.affected):
            try:
                kind.inject()
            except (*CLIENT_ERRORS, SetupError) as error:
                say(f"fault {kind.name} did not go as meant: {type(error).__name__}: {error}")
                self.failed_faults.append(f"{kind.name}: {error}")
            self._recover(say)
            self.box.pause(1.0)  # lines still on their way to the files belong to the fault

    def _recover(self, say: Callable[[str], None]) -> None:
        for program in self.programs:
            try:
                program.wait_ready()
            except SetupError as error:
                say(str(error).splitlines()[0] + ": starting it again, as a supervisor would")
                self.restarted[program.name] += 1
                program.restart()

    def _wind_down(self, say: Callable[[str], None]) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it
        self.box.stopping.set()
        for thread in self._threads:
            thread.join(timeout=40)
        for program in reversed(self.programs):
            say(f"stopping {program.name}")
            program.stop()
        self.ledger.close()


def plan(
    kinds: Iterable[FaultKind], seen: Mapping[str, int], rng: random.Random
) -> list[FaultKind]:
    """Order fault kinds: those seen least in earlier runs first, otherwise by the seed."""
    order = list(kinds)
    rng.shuffle(order)
    return sorted(order, key=lambda kind: seen.get(kind.name, 0))
