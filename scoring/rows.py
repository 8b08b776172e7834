"""Rows of COPY BINARY into arrays, and logs into few distinct units; knows no database.

The columns are (id bigint, logged_at timestamptz, source text, level text, message text). A row is
a 2-byte field count, then each field behind its 4-byte length, all big-endian; length -1 is null.
Source: PostgreSQL documentation, COPY, "Binary Format".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.levels import declared
from scoring.normalize import mask_digits
from scoring.normalize_many import mask_ids_of_all, words_of_all
from scoring.pieces import copy_pieces, records

Int64s = npt.NDArray[np.int64]

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
"""What stands before and after the rows of a stream."""

LENGTH = 4
"""Bytes of the length before each field."""
_HEAD = np.dtype(
    [
        *(("fields", ">i2"), ("id_size", ">i4"), ("id", ">i8")),
        *(("logged_at_size", ">i4"), ("logged_at", ">i8"), ("source_size", ">i4")),
    ]
)
"""How a row begins. The source's length and everything behind it decides what unit the row is."""
_SIZE = np.dtype([("size", ">i4")])
_BEYOND = bytes(_HEAD.itemsize)
"""Behind the last row, which is shorter than this when its id and time are null."""

LONGEST_SOURCE = 200
"""Characters of a source; an index of PostgreSQL takes keys of 2,700 bytes at most."""

MOST_KEYS = 100_000
"""Lines remembered before that memory starts anew: some 30 MB. Only time is lost."""

MOST_UNITS = 25_000
"""Units numbered before numbering starts anew, here and in whatever was kept by number."""


class BadRow(ValueError):
    """A row is not made as it must be; the message says what to change."""


class Unit(NamedTuple):
    """What logs share that get the same verdict: nothing else of a log is looked at."""

    source: str
    declared_level: str
    text: str


@dataclass(frozen=True)
class Chunk:
    """Some logs: `n` ids and times, and the unit of each as an index into all units so far.

    `logged_at` is in microseconds since 2000-01-01 UTC, as PostgreSQL counts. `new_units` extend
    the table of units; with `is_reset` the table starts anew with them.
    """

    ids: Int64s
    logged_at: Int64s
    units: npt.NDArray[np.int32]
    new_units: list[Unit]
    is_reset: bool

    def __len__(self) -> int:
        """Return the number of logs."""
        return len(self.ids)


class UnitTable:
    """Gives each distinct (source, declared level, normalised text) a number, row by row.

    Logs repeat: rows are looked up by their bytes with digits masked, and only bytes never seen
    before go through the dearer stages of `normalize`, each of which finds more of them equal.
    """

    def __init__(self, most_units: int = MOST_UNITS, most_keys: int = MOST_KEYS) -> None:
        """Start with no unit; forget all of them once `most_units` are held."""
        self._most_keys, self._most_units = most_keys, most_units
        self._by_key: dict[bytes, int] = {}
        self._by_ids: dict[tuple[bytes, bytes], int] = {}
        self._by_unit: dict[Unit, int] = {}

    def chunk(self, rows: Sequence[bytes]) -> Chunk:
        """Return the arrays of `rows`, each the bytes of one COPY BINARY row."""
        is_reset = len(self._by_unit) > self._most_units
        if is_reset:
            self._by_unit.clear()
        for table in (self._by_key, self._by_ids):
            if is_reset or len(table) > self._most_keys:
                table.clear()
        ids, logged_at, keys, message_at = split_rows(rows)
        known = list(map(self._by_key.get, keys))
        new_units: list[Unit] = []
        if None in known:
            gaps = [at for at, unit in enumerate(known) if unit is None]
            self._learn({keys[at]: int(message_at[at]) for at in gaps}, new_units)
            for at in gaps:
                known[at] = self._by_key[keys[at]]
        units = np.array(known, dtype=np.int32)
        return Chunk(ids, logged_at, units, new_units, is_reset)

    def _learn(self, message_at: dict[bytes, int], new_units: list[Unit]) -> None:
        """Number the units of new keys, each with the place in it where its message begins."""
        texts = mask_ids_of_all([key[at:] for key, at in message_at.items()])
        heads = [key[: at - LENGTH] for key, at in message_at.items()]
        by_ids = list(zip(heads, texts, strict=True))
        new = [each for each in dict.fromkeys(by_ids) if each not in self._by_ids]
        for each, text in zip(new, words_of_all([text for _, text in new]), strict=True):
            self._by_ids[each] = self._number(each[0], text, new_units)
        for key, each in zip(message_at, by_ids, strict=True):
            self._by_key[key] = self._by_ids[each]

    def _number(self, head: bytes, text: str, new_units: list[Unit]) -> int:
        """Return the number of the unit of a normalised `text` behind source and level."""
        source, level = text_fields(head)
        unit = Unit(fitting(source), declared(level), text)
        number = self._by_unit.get(unit)
        if number is None:
            number = self._by_unit[unit] = len(self._by_unit)
            new_units.append(unit)
        return number


def fitting(source: str) -> str:
    """Return `source`, or one too long for an index cut and made distinct by a hash."""
    if len(source) <= LONGEST_SOURCE:
        return source
    mark = blake2b(source.encode("utf-8", "replace"), digest_size=8).hexdigest()
    return f"{source[:LONGEST_SOURCE]}…{mark}"


def split_rows(rows: Sequence[bytes]) -> tuple[Int64s, Int64s, list[bytes], Int64s]:
    """Return of each row its id, its time, and the rest as its key, the message digit-masked, with
    the place in the key where the message begins.

    Source and level stay as they are: `web-1` is not `web-2`, and level 3 is not level 6.
    """
    blob = b"".join([*rows, _BEYOND])
    sizes = np.fromiter(map(len, rows), np.int64, len(rows))
    ends = np.cumsum(sizes)
    starts = ends - sizes
    head = records(blob, starts, _HEAD)
    check_keys(head)
    source_at = starts + _HEAD.itemsize - LENGTH
    level_at = starts + _HEAD.itemsize + np.maximum(head["source_size"], 0)
    level_size = np.maximum(records(blob, level_at, _SIZE)["size"], 0)
    message_at = level_at + LENGTH + level_size + LENGTH
    masked = bytearray(mask_digits(blob))
    copy_pieces(blob, source_at, masked, source_at, message_at - source_at)
    hashable = bytes(masked)
    bounds = zip(source_at.tolist(), ends.tolist(), strict=True)
    keys = [hashable[start:end] for start, end in bounds]
    ids, logged_at = head["id"].astype(np.int64), head["logged_at"].astype(np.int64)
    return ids, logged_at, keys, message_at - source_at


def check_keys(head: npt.NDArray[np.void]) -> None:
    """Raise BadRow unless every row has an id and a time of eight bytes: with null, or another
    type, whatever stands behind would be taken for them."""
    for name, kind in (("id", "bigint"), ("logged_at", "timestamptz")):
        count = int((head[f"{name}_size"] != 8).sum())
        if count:
            raise BadRow(
                f"log_source gives {count:,} logs whose {name} is null or no {kind}; expected one "
                f"for every log: change the view, with coalesce({name}, …) or a cast, or the logs, "
                "which `python -m local doctor` names"
            )


def text_fields(head: bytes) -> tuple[str, str]:
    """Return (source, level), which stand behind their lengths at the beginning of a key; null is
    empty."""
    fields = []
    at = 0
    for _ in range(2):
        size = max(int.from_bytes(head[at : at + LENGTH], "big", signed=True), 0)
        at += LENGTH + size
        fields.append(head[at - size : at].decode("utf-8", "replace"))
    source, level = fields
    return source, level
