"""Our templates beside those of Drain3, on Loghub's 2k files: grouping accuracy, lines a second.

Grouping accuracy is that of Zhu et al., Tools and Benchmarks for Automated Log Parsing (2019): the
share of lines whose group is exactly the group that they have by their event. Drain3 reads each
file's messages in order, once as it is installed and once with numbers and addresses masked first,
as its authors advise. Ours come out of what the batch uses: rows of COPY in, one unit a template;
and once more from the strings that Drain3 is given, by the same stages without the rows.
Lines a second are those of the 2k files, where most lines are new, and of 100,000 lines of BGL,
where they repeat as they do in a batch. Each begins with nothing learned or remembered.
"""

import csv
import gzip
import struct
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from statistics import mean, median
from typing import Any

from drain3 import TemplateMiner
from drain3.masking import MaskingInstruction
from drain3.template_miner_config import TemplateMinerConfig

from scoring.normalize import PIECES, mask_digits
from scoring.normalize_many import mask_ids_of_all, words_of_all
from scoring.rows import UnitTable

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
"""Public logs, some with their events; not part of the project."""

MASKS = (
    (r"\b\d{1,3}(?:\.\d{1,3}){3}\b", "IP"),
    (r"\b0x[0-9a-fA-F]+\b", "HEX"),
    (r"(?<![A-Za-z0-9])[-+]?\d+(?![A-Za-z0-9])", "NUM"),
)
PASSES = 5

Groups = Sequence[Hashable]
"""The group of each message of a file, in order."""


def ours(rows: Sequence[bytes]) -> Groups:
    """Return the template of each row, as a batch numbers it."""
    PIECES.clear()
    units: list[int] = UnitTable().chunk(rows).units.tolist()
    return units


def ours_from_strings(messages: Sequence[str]) -> Groups:
    """Return the template of each message, itself its identity."""
    PIECES.clear()
    masked = mask_digits("\0".join(messages).encode()).split(b"\0")
    distinct = list(dict.fromkeys(masked))
    templates = dict(zip(distinct, words_of_all(mask_ids_of_all(distinct)), strict=True))
    return [templates[each] for each in masked]


def row(message: str) -> bytes:
    """Return a row of COPY BINARY with this message: id, time, source, no level, message."""
    fields = (struct.pack(">q", 1), struct.pack(">q", 0), b"loghub", None, message.encode())
    packed = (
        struct.pack(">i", -1) if field is None else struct.pack(">i", len(field)) + field
        for field in fields
    )
    return struct.pack(">h", len(fields)) + b"".join(packed)


def drain3(messages: Sequence[str]) -> Groups:
    """Return the cluster of each message, by Drain3 as it is installed."""
    return clusters(TemplateMinerConfig(), messages)


def drain3_masking(messages: Sequence[str]) -> Groups:
    """Return the cluster of each message, by Drain3 behind masks."""
    config = TemplateMinerConfig()
    config.masking_instructions = [MaskingInstruction(*mask) for mask in MASKS]
    config.drain_extra_delimiters = ["_"]
    return clusters(config, messages)


def clusters(config: TemplateMinerConfig, messages: Sequence[str]) -> Groups:
    """Return the cluster that each message came into; clusters never merge later."""
    miner = TemplateMiner(config=config)
    return [miner.add_log_message(message)["cluster_id"] for message in messages]


def accuracy(found: Groups, expected: Sequence[str]) -> float:
    """Return the share of lines whose group has exactly the lines of their expected group."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    events: dict[str, list[int]] = defaultdict(list)
    for at, (group, event) in enumerate(zip(found, expected, strict=True)):
        groups[group].append(at)
        events[event].append(at)
    right = (lines for lines in groups.values() if events[expected[lines[0]]] == lines)
    return sum(map(len, right)) / len(expected)


GROUPINGS: dict[str, tuple[Callable[[Any], Groups], Callable[[str], Any]]] = {
    "ours": (ours, row),
    "ours_from_strings": (ours_from_strings, str),
    "drain3": (drain3, str),
    "drain3_masking": (drain3_masking, str),
}
"""What groups, and what makes of a message that which it takes; the second is not timed."""


def main() -> dict[str, float]:
    """Return mean accuracy over the files and lines a second of each, and print each file's."""
    if not DATA.is_dir():
        sys.exit("the labelled public logs are absent: expected them in ../shared/data")
    files = {
        path.name.split("_")[0]: read(path) for path in sorted(DATA.glob("loghub_2k/*.csv.gz"))
    }
    messages = [[line["Content"] for line in lines] for lines in files.values()]
    events = [[line["EventId"] for line in lines] for lines in files.values()]
    stream = bgl(DATA / "bgl" / "bgl_100k.log.gz")
    figures: dict[str, float] = {}
    for kind, (group, taken) in GROUPINGS.items():
        given = [list(map(taken, each)) for each in messages]
        found = [accuracy(group(lines), its) for lines, its in zip(given, events, strict=True)]
        shown = ", ".join(f"{name} {each:.3f}" for name, each in zip(files, found, strict=True))
        print(f"{kind}: {shown}", file=sys.stderr)
        figures[f"{kind}_accuracy"] = round(mean(found), 3)
        figures[f"{kind}_lines_per_second"] = speed(group, given)
        figures[f"{kind}_lines_per_second_bgl"] = speed(group, [list(map(taken, stream))])
    return figures


def read(path: Path) -> list[dict[str, str]]:
    """Return the lines of a file of Loghub with their events."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def bgl(path: Path) -> list[str]:
    """Return the messages of BGL; lines without one are left out."""
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as stream:
        fields = (line.rstrip("\n").split(" ", 9) for line in stream)
        return [each[9] for each in fields if len(each) == 10]


def speed(group: Callable[[Any], Groups], files: Sequence[Sequence[Any]]) -> int:
    """Return lines a second over all files, each from nothing, by the median of some passes."""
    seconds = []
    for _ in range(PASSES):
        started = time.perf_counter()
        for lines in files:
            group(lines)
        seconds.append(time.perf_counter() - started)
    return round(sum(map(len, files)) / median(seconds))
