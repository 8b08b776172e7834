"""Predictions as a COPY BINARY stream, built from arrays; knows no database.

All logs of a group share everything but id and time, so a group's fields are packed once and laid
behind the id and time of each of its logs by a gather. Groups whose packed fields are equally long
form one matrix.
Source: PostgreSQL documentation, COPY, "Binary Format".
"""

import struct
from collections import defaultdict

import numpy as np
import numpy.typing as npt

from scoring import normalize
from scoring.features import Groups
from scoring.levels import LEVELS
from scoring.rows import Chunk, Unit
from scoring.template import template_id
from scoring.verdict import SEVERITIES, Verdicts

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"

_LEVELS = [level.encode() for level in LEVELS]
_SEVERITIES = [severity.encode() for severity in SEVERITIES]
_HEAD = np.dtype(
    [("fields", ">i2"), ("id_size", ">i4"), ("id", ">i8"), ("at_size", ">i4"), ("at", ">i8")]
)
COLUMNS = 12
STAGED = 18


def field(content: bytes) -> bytes:
    """Return one field behind its length."""
    return struct.pack(">i", len(content)) + content


def tail(
    template: int, at: int, verdicts: Verdicts, predicted_at: int, batch_id: int, model_id: int
) -> bytes:
    """Return the fields that all logs of group `at` share, in the order of the COPY statement."""
    return b"".join(
        (
            struct.pack(">iqiq", 8, template, 8, predicted_at),
            field(_LEVELS[verdicts.rank[at]]),
            struct.pack(">ifif", 4, verdicts.confidence[at], 4, verdicts.score[at]),
            field(_SEVERITIES[verdicts.severity[at]]),
            struct.pack(">iiihi?", 4, batch_id, 2, model_id, 1, bool(verdicts.is_anomaly[at])),
            field(verdicts.reasons[at].encode()),
        )
    )


def encode(
    chunk: Chunk,
    groups: Groups,
    units: list[Unit],
    verdicts: Verdicts,
    predicted_at: int,
    batch_id: int,
    model_id: int,
) -> bytes:
    """Return the COPY BINARY stream of a chunk's predictions.

    `predicted_at` is in microseconds since 2000-01-01 UTC.
    """
    by_size: dict[int, list[int]] = defaultdict(list)
    tails = []
    for at in range(len(groups)):
        template = template_id(units[groups.unit[at]])
        packed = tail(template, at, verdicts, predicted_at, batch_id, model_id)
        by_size[len(packed)].append(at)
        tails.append(packed)
    place = np.zeros(len(groups), np.int64)
    size_of = np.array([len(packed) for packed in tails], np.int64)
    size_of_log = size_of[groups.of_log]
    of_log = np.empty(len(chunk), object)
    for size, members in by_size.items():
        place[members] = np.arange(len(members))
        logs = np.flatnonzero(size_of_log == size)
        shared = np.frombuffer(b"".join(tails[at] for at in members), np.uint8)
        rows = np.empty((len(logs), _HEAD.itemsize + size), np.uint8)
        rows[:, : _HEAD.itemsize] = heads(chunk, logs)
        rows[:, _HEAD.itemsize :] = shared.reshape(-1, size)[place[groups.of_log[logs]]]
        of_log[logs] = rows.view(f"V{rows.shape[1]}").ravel().tolist()
    # In the order of the key its index takes 32 bytes a row, not 42, and COPY a tenth less time.
    order = np.argsort(chunk.logged_at, kind="stable")
    return b"".join([HEADER, *of_log[order].tolist(), TRAILER])


def encode_keys(chunk: Chunk) -> bytes:
    """Return the COPY BINARY stream of the ids and times of a chunk's logs."""
    keys = heads(chunk, np.arange(len(chunk)), 2)
    return b"".join([HEADER, keys.tobytes(), TRAILER])


def heads(chunk: Chunk, logs: npt.NDArray[np.intp], fields: int = COLUMNS) -> npt.NDArray[np.uint8]:
    """Return the first bytes of the rows of `logs`: field count, id and time, uint8 [n, 26]."""
    head = np.empty(len(logs), _HEAD)
    head["fields"] = fields
    head["id_size"] = head["at_size"] = 8
    head["id"] = chunk.ids[logs]
    head["at"] = chunk.logged_at[logs]
    return head.view(np.uint8).reshape(len(logs), _HEAD.itemsize)


def encode_groups(
    chunk: Chunk, groups: Groups, units: list[Unit], verdicts: Verdicts, model_id: int
) -> bytes:
    """Return the COPY BINARY stream of the groups themselves, from which rollups are made."""
    examples = chunk.ids[groups.last].tolist()
    example_at = chunk.logged_at[groups.last].tolist()
    parts = [HEADER]
    for at in range(len(groups)):
        unit = units[groups.unit[at]]
        parts += (
            struct.pack(">hiqih", STAGED, 8, template_id(unit), 2, normalize.VERSION),
            field(unit.source.encode()),
            field(unit.text.encode()),
            field(unit.declared_level.encode()),
            struct.pack(">iq", 8, groups.hour_at[at]),
            field(_LEVELS[verdicts.rank[at]]),
            struct.pack(">ifif", 4, verdicts.confidence[at], 4, verdicts.score[at]),
            field(_SEVERITIES[verdicts.severity[at]]),
            struct.pack(">i?", 1, bool(verdicts.is_anomaly[at])),
            field(verdicts.reasons[at].encode()),
            struct.pack(
                ">ihiqiqiqiqiq",
                *(2, model_id, 8, groups.count[at], 8, groups.first_at[at]),
                *(8, groups.last_at[at], 8, examples[at], 8, example_at[at]),
            ),
        )
    return b"".join([*parts, TRAILER])
