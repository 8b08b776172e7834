"""Logs to measure with, made from the capture: as many as wanted, in three mixes.

- `capture`: the captured logs again and again, the digits of every line drawn afresh.
- `ids`: the same, half of the lines with a UUID and a hexadecimal id.
- `unique`: every line a template of its own.
"""

import io
import random
import struct
import uuid
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from typing import NamedTuple

from ingest.load import load
from scoring.rows import HEADER, TRAILER
from sql.database import Database
from training.capture import corpus

RUNS = ("office-1", "shop-1")
"""Runs of the capture that the mixes are made from."""

LOGS_A_COPY = 100_000
SECOND = 1_000_000
"""Microseconds."""


class Line(NamedTuple):
    """One log without id and time."""

    source: bytes
    level: bytes | None
    message: bytes


def captured(database: Database, meanwhile: Callable[[], None] = lambda: None) -> list[Line]:
    """Return the captured logs as `ingest` reads them; leaves the database empty.

    `meanwhile` is called while they are in it.
    """
    files = [file.path for run in RUNS for file in corpus.files(run)]
    load(database, files, say=lambda _: None)
    meanwhile()
    with database.transaction():
        rows = database.rows("benchmarks.captured")
        database.execute("benchmarks.forget")
    return [
        Line(
            row["source"].encode(), row["level"] and row["level"].encode(), row["message"].encode()
        )
        for row in rows
    ]


def fresh_digits(chance: random.Random, count: int) -> list[bytes]:
    """Return `count` tables for bytes.translate, each drawing the ten digits at random."""
    tables = []
    for _ in range(count):
        table = bytearray(range(256))
        table[0x30:0x3A] = bytes(chance.choices(b"0123456789", k=10))
        tables.append(bytes(table))
    return tables


def word(number: int) -> bytes:
    """Return `number` spelt in letters, so that no digit mask can take it away."""
    letters = ""
    while number:
        number, digit = divmod(number, 17)
        letters += "ghijklmnopqrstuvw"[digit]
    return letters.encode()


def lines(mix: str, base: list[Line], count: int, seed: int = 0) -> Iterator[Line]:
    """Yield `count` lines of a mix made from `base`."""
    chance = random.Random(seed)
    tables = cycle(fresh_digits(chance, 997))
    for number, line in enumerate(islice(cycle(base), count)):
        message = line.message.translate(next(tables))
        if mix == "ids" and number % 2:
            drawn = chance.getrandbits(128)
            message += b" request=%s span %016x" % (str(uuid.UUID(int=drawn)).encode(), drawn >> 64)
        elif mix == "unique":
            message += b" in " + word(number + 17)
        yield line._replace(message=message)


def field(content: bytes | None) -> bytes:
    """Return one field of COPY BINARY."""
    return b"\xff\xff\xff\xff" if content is None else struct.pack(">i", len(content)) + content


def row(number: int, at: int, line: Line, more: tuple[bytes, ...] = ()) -> bytes:
    """Return one row of COPY BINARY, in the columns that a batch reads and `more` fields."""
    head = struct.pack(">hiqiq", 5 + len(more), 8, number, 8, at)
    return head + b"".join(map(field, (line.source, line.level, line.message, *more)))


def fill(
    database: Database,
    made: Iterator[Line],
    first_id: int = 1,
    first_at: int = 800_000_000 * SECOND,
    step: int = 80_000,
) -> int:
    """Copy lines into log_entries, `step` microseconds apart, each arriving at its own time;
    return how many.

    `first_at` counts from 2000-01-01 UTC; the default step spreads a million lines over 22 hours.
    """
    count = 0
    while part := list(islice(made, LOGS_A_COPY)):
        rows = [
            row(
                first_id + at,
                first_at + at * step,
                line,
                (struct.pack(">q", first_at + at * step),),
            )
            for at, line in enumerate(part, count)
        ]
        stream = io.BytesIO(b"".join([HEADER, *rows, TRAILER]))
        with database.transaction():
            database.copy_in("benchmarks.copy_entries", stream)
        count += len(part)
    return count
