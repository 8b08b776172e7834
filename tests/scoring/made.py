"""Chunks, groups and verdicts made by hand, for tests of what is done with them."""

import random
from collections.abc import Sequence

import numpy as np

from scoring.groups import Groups, group
from scoring.levels import LEVELS
from scoring.rows import Chunk, Unit, UnitTable
from scoring.verdict import SEVERITIES, Verdicts
from tests.scoring.rows_of import Log, rows_of

HOUR = 3_600_000_000
INFINITY = 2**63 - 1
"""Microseconds that mean infinity, negated and less one minus infinity."""


def chunk_of(logs: Sequence[Log]) -> tuple[Chunk, list[Unit]]:
    """Return one chunk of `logs` and its units."""
    chunk = UnitTable().chunk(rows_of(list(logs)))
    return chunk, chunk.new_units


def random_verdicts(groups: Groups, chance: random.Random) -> Verdicts:
    """Return verdicts of all kinds, reasons of many lengths among them."""
    size = len(groups)
    anomalies = [chance.random() < 0.4 for _ in range(size)]
    texts = (
        "rare: 1 of 7 logs of app",
        "reads like ERROR (97%)",
        "naïve 中文 \\ \t <b>",
        "x" * 500,
    )
    return Verdicts(
        rank=np.array([chance.randrange(len(LEVELS)) for _ in range(size)], np.intp),
        confidence=np.array([chance.random() for _ in range(size)], np.float32),
        score=np.array([chance.choice((0, 1, chance.random())) for _ in range(size)], np.float32),
        is_anomaly=np.array(anomalies, np.bool_),
        severity=np.array([chance.randrange(len(SEVERITIES)) for _ in range(size)], np.intp),
        reasons=[
            "\n".join(chance.sample(texts, chance.randint(1, 3))) if anomaly else ""
            for anomaly in anomalies
        ],
        is_failed=np.zeros(size, np.bool_),
    )


def random_logs(chance: random.Random, count: int) -> list[Log]:
    """Return logs of a few units in a few hours, with the ids and times at the edges among them."""
    base = 800_000_000_000_000
    ids = [*chance.sample(range(-(2**40), 2**40), count - 2), 2**63 - 1, -(2**63)]
    times = [-INFINITY - 1, INFINITY, -(10**17), 4 * 10**15]
    return [
        Log(
            number,
            chance.choice(times) if chance.random() < 0.1 else base + chance.randrange(30 * HOUR),
            chance.choice(("app", "app1", "naïve", "")),
            chance.choice((None, "INFO", "error", "nonsense")),
            chance.choice(("started", "stopped after {} ms", "cannot open /tmp/{}")).format(number),
        )
        for number in ids
    ]


def chunked(logs: Sequence[Log]) -> tuple[Chunk, list[Unit], Groups]:
    """Return one chunk of `logs`, its units and groups."""
    chunk, units = chunk_of(logs)
    return chunk, units, group(chunk)
