"""Where a file went that was rotated, and which files came after it."""

import hashlib
import re
from pathlib import Path

from ingest.positions import Position

_SUFFIX = re.compile(r"[.-](\d+(?:-\d+)*)(\.(?:gz|bz2|xz|zst))?\Z")
MOST_TURNS = 9999
"""A number behind a name up to this counts turns, the newest first; a larger one is a date."""


def hash_of(head: bytes) -> str:
    """Return what tells the beginning of one file from another's."""
    return hashlib.sha256(head).hexdigest()


def find(path: Path, place: Position) -> Path | None:
    """Return where the file at `place` is now: at `path`, or renamed beside it; None if gone."""
    for candidate in (path, *sorted(path.parent.glob(f"{path.name}*"))):
        try:
            status = candidate.stat()
            if (status.st_dev, status.st_ino) != (place.device, place.inode):
                continue
            with candidate.open("rb") as file:
                head = file.read(place.head_bytes)
        except OSError:
            continue
        if status.st_size >= place.offset and hash_of(head) == place.head_hash:
            return candidate
    return None


def after(path: Path, old: Path) -> list[Path]:
    """Return what was rotated out of `path` after `old` was, the oldest first; `path` is not in it.

    Told by the names alone, `app.log.2` after `app.log.3`, `app.log-20260302` after
    `app.log-20260301`: a file that we read before may be written to, and is not to be read again.
    """
    turn = _turn(path, old)
    if turn is None:
        return []
    turns = {each: _turn(path, each) for each in path.parent.glob(f"{path.name}[.-]*")}
    newer = {each: its for each, its in turns.items() if its is not None and its > turn}
    return sorted(newer, key=lambda each: newer[each])


def is_packed(path: Path) -> bool:
    """Tell whether the name says that a rotated file is compressed."""
    found = _SUFFIX.search(path.name)
    return found is not None and found[2] is not None


def _turn(path: Path, rotated: Path) -> int | None:
    """Return a number that is larger for what was rotated later; None if it is not of `path`."""
    found = _SUFFIX.fullmatch(rotated.name.removeprefix(path.name))
    if found is None:
        return None
    number = int(found[1].replace("-", ""))
    return number if number > MOST_TURNS else -number
