"""HDFS: is a block (a trace) anomalous, judged from how often each template occurs in it.

Blocks in the order of their first line; the first half to learn from, the second to judge.
"""

import csv
import gzip
import json
import tempfile
from collections import Counter, defaultdict
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from ingest.load import load
from local import postgres
from scoring.batch import run
from scoring.model import Models
from scoring.normalize import normalize
from scoring.selection import Selection
from sql.database import connect
from sql.migrate import migrate

Floats = npt.NDArray[np.float64]

_normalize = lru_cache(None)(normalize)


def read(path: Path) -> tuple[list[str], list[str], Floats, npt.NDArray[np.bool_]]:
    """Return the blocks in the order in which they began, when they did, the count of each template
    in each block [b, t], and which blocks are anomalous."""
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
    begun = [first[block] for block in blocks]
    return blocks, begun, table, np.array([is_anomalous[block] for block in blocks])


def served(path: Path, learn_until: str) -> dict[str, bool]:
    """Return the verdict of the product itself on each block: its lines are loaded as logs whose
    trace is the block, scored by the shipped models, and judged in SQL by what is usual of the
    blocks that began before a time."""
    with tempfile.TemporaryDirectory() as folder, postgres.temporary({"fsync": "off"}) as server:
        server.create_database("traces")
        url = server.url("traces")
        database = connect(url)
        migrate(database)
        load(database, [as_json_lines(path, Path(folder))], say=lambda _: None)
        run(url, Selection("-infinity"), Models())
        with database.transaction():
            rows = database.rows("benchmarks.trace_verdicts", learn_until=learn_until)
        database.close()
    return {row["trace_id"]: row["is_anomaly"] for row in rows}


def as_json_lines(path: Path, folder: Path) -> Path:
    """Write the lines as JSON, as `ingest` reads it; return the file."""
    target = folder / "hdfs.jsonl"
    with gzip.open(path, "rt", encoding="utf-8") as stream, target.open("w") as sink:
        for row in csv.DictReader(stream):
            entry = {
                "time": f"{row['m_timestamp']}+00:00",
                "source": "hdfs",
                "message": row["m_message"],
                "trace_id": row["seq_id"],
            }
            sink.write(json.dumps(entry) + "\n")
    return target


def measure(path: Path) -> dict[str, float]:
    """Return F1 on the second half without labels, and with the labels of the first half."""
    blocks, begun, table, is_anomalous = read(path)
    half = len(table) // 2
    verdicts = served(path, f"{begun[half]}+00:00")
    said = np.array([verdicts[block] for block in blocks])
    model = LogisticRegression(C=10, max_iter=3000).fit(table[:half], is_anomalous[:half])
    return {
        "f1": float(f1_score(is_anomalous[half:], said[half:])),
        "f1_labelled": float(f1_score(is_anomalous[half:], model.predict(table[half:]))),
    }
