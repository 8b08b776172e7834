"""HDFS: is a block (a trace) anomalous, judged from how often each template occurs in it.

Blocks in the order of their first line; the first half to learn from, the second to judge.
"""

import csv
import gzip
from collections import Counter, defaultdict
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from scoring.normalize import normalize

ONE_IN = 100
"""A trace is anomalous when a count of one of its templates is seen in fewer than one in so many
traces."""

Floats = npt.NDArray[np.float64]

_normalize = lru_cache(None)(normalize)


def read(path: Path) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the count of each template in each block [b, t], and which blocks are anomalous."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    first: dict[str, str] = {}
    is_anomalous: dict[str, bool] = {}
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            block = row["seq_id"]
            counts[block][_normalize(row["m_message"])] += 1
            first.setdefault(block, row["m_timestamp"])
            is_anomalous[block] = row["anomaly"] == "1"
    blocks = sorted(counts, key=lambda block: first[block])
    templates = sorted({text for found in counts.values() for text in found})
    table = np.array([[counts[block][text] for text in templates] for block in blocks], float)
    return table, np.array([is_anomalous[block] for block in blocks])


def rarest(table: Floats, half: int) -> Floats:
    """Return how rare the rarest count of each trace is, [b]: -log10 of the share of traces of
    the first half that have the same count of the same template."""
    rare = np.zeros(len(table))
    for column in table.T:
        seen = Counter(column[:half].tolist())
        share = [max(seen[count], 0.5) / half for count in column.tolist()]
        rare = np.maximum(rare, -np.log10(share))
    return rare


def measure(path: Path) -> dict[str, float]:
    """Return F1 on the second half without labels, and with the labels of the first half."""
    table, is_anomalous = read(path)
    half = len(table) // 2
    is_rare = rarest(table, half) >= np.log10(ONE_IN)
    model = LogisticRegression(C=10, max_iter=3000).fit(table[:half], is_anomalous[:half])
    return {
        "f1": float(f1_score(is_anomalous[half:], is_rare[half:])),
        "f1_labelled": float(f1_score(is_anomalous[half:], model.predict(table[half:]))),
    }
