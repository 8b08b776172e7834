"""The capture as streams of logs, each with its run, program, window and template."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from benchmarks.quality.stream import Stream, stream
from ingest.lines import open_lines
from ingest.read import Log, Reading
from scoring.levels import declared
from scoring.normalize import normalize
from scoring.rows import Unit
from training.capture import corpus
from training.dataset import Levelled

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Run:
    """A captured run: its logs in order of time, and what the ledger says of each.

    By log [n]: the `window` it is in (-1: none), whether that is a clean stretch (`is_clean`),
    and whether its program is one that the window's fault reaches (`is_affected`).
    """

    name: str
    logs: Stream
    windows: list[corpus.Fault]
    window: npt.NDArray[np.intp]
    is_clean: Bools
    is_affected: Bools

    @property
    def kinds(self) -> set[str]:
        """Return the kinds of fault that were injected."""
        return {window.fault for window in self.windows if window.fault}

    def in_kinds(self, kinds: set[str]) -> Bools:
        """Return which logs [n] lie in a window of one of these kinds."""
        hit = np.array([window.fault in kinds for window in self.windows])
        found: Bools = (self.window >= 0) & hit[self.window]
        return found


_normalize = lru_cache(200_000)(normalize)


def read(name: str) -> Run:
    """Return a run of the corpus, read as `ingest` reads it.

    The first window is the start of everything: it is read and learned from, but not judged.
    """
    at: list[float] = []
    units: list[Unit] = []
    programs: list[str] = []
    for file in corpus.files(name):
        with open_lines(file.path) as lines:
            for entry in Log(lines, file.path, Reading()):
                assert entry.logged_at is not None
                assert entry.source is not None
                at.append(entry.logged_at.timestamp())
                units.append(Unit(entry.source, declared(entry.level), _normalize(entry.message)))
                programs.append(file.program)
    windows = corpus.ledger(name)
    times = np.sort(np.array(at))
    by_time = np.array(programs, dtype=object)[np.argsort(np.array(at), kind="stable")]
    starts = np.array([window.start.timestamp() for window in windows])
    ends = np.array([window.end.timestamp() for window in windows])
    window = np.searchsorted(starts, times, "right") - 1
    window = np.where((window >= 0) & (times <= ends[window]), window, -1)
    is_clean = np.zeros(len(times), np.bool_)
    is_affected = np.zeros(len(times), np.bool_)
    for number, each in enumerate(windows):
        inside = window == number
        if each.fault is None:
            is_clean |= inside & (number > 0)
        else:
            is_affected |= inside & np.isin(by_time, [*each.affected, each.program])
    return Run(name, stream(at, units), windows, window, is_clean, is_affected)


def part(logs: Stream, chosen: Bools) -> Stream:
    """Return the chosen logs [n] of a stream."""
    return Stream(logs.at[chosen], logs.units, logs.of_log[chosen])


def levelled(runs: list[Run], kept: list[Bools] | None = None) -> Levelled:
    """Return the texts with a declared level of all logs of runs, or of the kept ones."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for at, run in enumerate(runs):
        of_log = run.logs.of_log[kept[at]] if kept else run.logs.of_log
        sizes = np.bincount(of_log, minlength=len(run.logs.units))
        for unit, size in zip(run.logs.units, sizes.tolist(), strict=True):
            if size and unit.declared_level:
                counts[unit.source, unit.text, unit.declared_level] += size
    return Levelled(
        [text for _, text, _ in counts],
        [level for _, _, level in counts],
        list(counts.values()),
        [source for source, _, _ in counts],
        [False] * len(counts),
    )
