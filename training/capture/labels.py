"""Which captured lines are anomalous, by one rule; and how far a person agrees with it.

The rule: a line is anomalous if it was written in a fault's window, by a program that the ledger
names as affected, and its template occurs nowhere outside the windows of faults, in no run. A
template is the normalised text of the whole line as it stands in the file. Lines without a time
belong to the line before them.

`reviewed.jsonl` holds a sample that was read by eye, with the neighbours and the ledger in view and
the rule's label out of it; see docs/labels.md.
"""

import json
import random
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from scoring.normalize import mask_digits, mask_ids, words
from training.capture import corpus
from training.capture.effects import inside
from training.capture.stamps import stamp

REVIEWED = Path(__file__).with_name("reviewed.jsonl")
SEED = 20261124
EACH = 150
"""Lines of either label that are drawn."""


@dataclass(frozen=True)
class Line:
    """A line of the corpus: `number` counts from 1 in its file; `fault` is that of its window."""

    run: str
    file: str
    number: int
    text: str
    fault: str | None
    is_affected: bool
    is_anomalous: bool


@lru_cache(200_000)
def _words(masked: bytes) -> str:
    return words(mask_ids(masked))


def template(line: bytes) -> str:
    """Return the normalised text of a whole line."""
    return _words(mask_digits(line))


Placed = tuple[str, str, int, bytes, corpus.Fault | None]
"""Run, file, number and text of a line, and the window of the fault that it lies in."""


def labelled(program: str) -> Iterator[Line]:
    """Give all lines of a program, in every run, with the rule's label."""
    lines: list[Placed] = []
    for run in corpus.runs():
        for file in corpus.files(run):
            if server(file.program) == program:
                lines += _placed(run, file)
    known = {template(text) for _, _, _, text, window in lines if window is None}
    for run, name, number, text, window in lines:
        is_affected = window is not None and name in {window.program, *window.affected}
        is_anomalous = is_affected and template(text) not in known
        fault = window.fault if window is not None else None
        shown = text.decode("utf-8", "replace")
        yield Line(run, name, number, shown, fault, is_affected, is_anomalous)


def _placed(run: str, file: corpus.LogFile) -> Iterator[Placed]:
    faults = [window for window in corpus.ledger(run) if window.fault is not None]
    window: corpus.Fault | None = None
    for number, text in enumerate(file.lines(), 1):
        moment = stamp(text)
        if moment is not None:
            window = next((each for each in faults if inside(moment, each)), None)
        yield run, file.program, number, text, window


def server(stem: str) -> str:
    """Return a file's name without the number of one of several servers."""
    return re.sub(r"-\d+\Z", "", stem)


def programs() -> list[str]:
    """Return the programs of the corpus."""
    files = {file.program for run in corpus.runs() for file in corpus.files(run)}
    return sorted({server(name) for name in files})


def sample() -> list[Line]:
    """Draw lines of both labels, as many of either, in an order that tells nothing.

    Strata of anomalous lines are the kinds of fault; of others program and place (in the window
    of a fault that reached the program, of another fault, or of none). One is drawn from each in
    turn until there are enough.
    """
    chance = random.Random(SEED)
    anomalous: dict[object, list[Line]] = defaultdict(list)
    ordinary: dict[object, list[Line]] = defaultdict(list)
    for program in programs():
        for line in labelled(program):
            if line.is_anomalous:
                anomalous[line.fault].append(line)
            else:
                ordinary[program, line.fault is not None, line.is_affected].append(line)
    drawn = _in_turn(anomalous, chance) + _in_turn(ordinary, chance)
    chance.shuffle(drawn)
    return drawn


def _in_turn(strata: dict[object, list[Line]], chance: random.Random) -> list[Line]:
    drawn: list[Line] = []
    names = sorted(strata, key=str)
    chance.shuffle(names)
    while len(drawn) < EACH:
        for name in names:
            if strata[name] and len(drawn) < EACH:
                drawn.append(strata[name].pop(chance.randrange(len(strata[name]))))
    return drawn


def agreement(pairs: Collection[tuple[bool, bool]]) -> dict[str, float]:
    """Return how pairs of (rule, eye) agree: overall, by the rule's label, and Cohen's kappa.

    Cohen, A coefficient of agreement for nominal scales, 1960: agreement beyond chance.
    """
    count = len(pairs)
    same = sum(rule == eye for rule, eye in pairs) / count
    by_rule = {
        label: [rule == eye for rule, eye in pairs if rule is label] for label in (True, False)
    }
    yes = [sum(pair[who] for pair in pairs) / count for who in (0, 1)]
    chance = yes[0] * yes[1] + (1 - yes[0]) * (1 - yes[1])
    return {
        "count_lines": count,
        "agreement": same,
        "agreement_where_anomalous": sum(by_rule[True]) / len(by_rule[True]),
        "agreement_where_ordinary": sum(by_rule[False]) / len(by_rule[False]),
        "kappa": (same - chance) / (1 - chance),
    }


def reviewed() -> list[dict[str, Any]]:
    """Return what was read: run, file, number, labels by `rule` and by `eye`, why they differ."""
    return [json.loads(line) for line in REVIEWED.read_text(encoding="utf-8").splitlines()]


def changed(lines: Iterable[Line]) -> list[str]:
    """Return which reviewed lines among these the rule labels otherwise than it did then."""
    then = {(each["run"], each["file"], each["number"]): each["rule"] for each in reviewed()}
    return [
        f"{line.run}/{line.file} line {line.number}"
        for line in lines
        if then.get((line.run, line.file, line.number), line.is_anomalous) is not line.is_anomalous
    ]
