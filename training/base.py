"""The base corpus: log messages of other programs with their levels, as a table in a file.

Lines of tab-separated columns under a header that has `program`, `level` and `message`; gzip or
plain. What a program means by a level differs; what words mean differs less, so a model that saw
many programs reads a new one better.
"""

import gzip
import hashlib
import zlib
from collections import Counter
from pathlib import Path

from scoring.levels import declared
from scoring.normalize import normalize
from training.dataset import Levelled
from training.errors import TrainingError

COLUMNS = {"program", "level", "message"}


def read(path: Path) -> Levelled:
    """Return the distinct texts of a base corpus; raise TrainingError when it is none."""
    lines = (line.rstrip("\r").split("\t") for line in content(path).split("\n") if line)
    header = next(lines, [])
    if not set(header) >= COLUMNS:
        raise TrainingError(
            f"{path.name} has the columns {header[:10]}; expected {', '.join(sorted(COLUMNS))}, "
            "separated by tabs"
        )
    at = {name: header.index(name) for name in COLUMNS}
    found: Counter[tuple[str, str, str]] = Counter()
    for number, line in enumerate(lines, 2):
        if len(line) != len(header):
            raise TrainingError(
                f"line {number} of {path.name} has {len(line)} columns, expected {len(header)}"
            )
        if level := declared(line[at["level"]]):
            found[line[at["program"]], normalize(line[at["message"]]), level] += 1
    return Levelled(
        [text for _, text, _ in found],
        [level for _, _, level in found],
        list(found.values()),
        [program for program, _, _ in found],
        [True] * len(found),
    )


def content(path: Path) -> str:
    """Return the text of a file, gzip or plain; raise TrainingError when it cannot be read."""
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as exc:
        raise TrainingError(f"the base corpus {path} cannot be read: {exc}") from exc


def sha256(path: Path) -> str:
    """Return the hash of a base corpus as it lies there."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
