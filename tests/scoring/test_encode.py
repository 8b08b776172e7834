"""What is encoded comes back from the table as it was, every field of every row."""

import io
import random
import struct
from dataclasses import dataclass, field
from typing import Any

from scoring import normalize
from scoring.encode import Shared, encode, encode_groups
from scoring.levels import LEVELS
from scoring.recall import days_of
from scoring.rows import HEADER, TRAILER
from scoring.template import template_id
from scoring.verdict import SEVERITIES
from sql.database import Database
from tests.scoring.made import chunked, random_logs, random_verdicts


@dataclass
class Fields:
    """Takes the rows of COPY BINARY apart, each into the bytes of its fields; None is null."""

    rows: list[list[bytes | None]] = field(default_factory=list)

    def write(self, content: bytes) -> None:
        """Take one row."""
        if content.startswith(HEADER[:11]):
            content = content[len(HEADER) :]
        if content in (b"", TRAILER):
            return
        (count,), at, fields = struct.unpack_from(">h", content), 2, []
        for _ in range(count):
            (size,) = struct.unpack_from(">i", content, at)
            fields.append(None if size < 0 else content[at + 4 : at + 4 + size])
            at += 4 + max(size, 0)
        assert at == len(content)
        self.rows.append(fields)


def packed(kind: str, value: Any) -> bytes:
    return struct.pack(">" + kind, value)


def test_predictions_come_back_as_they_were(chance: random.Random, database: Database) -> None:
    logs = random_logs(chance, 2000)
    chunk, units, groups = chunked(logs)
    verdicts = random_verdicts(groups, chance)
    shared = Shared.of(groups, units, verdicts)
    stream = encode(chunk, groups, shared, verdicts, 7, 3)
    found = Fields()
    with database.transaction():
        database.execute("batch.ensure_partitions", days=days_of(groups.hour_at))
        assert database.copy_in("predictions.copy_predictions", io.BytesIO(stream)) == len(logs)
        database.copy_out("tests.predictions_out", found)
    expected = []
    for log, unit, at in zip(logs, chunk.units.tolist(), groups.of_log.tolist(), strict=True):
        expected.append(
            [
                packed("q", log.id),
                packed("q", log.logged_at),
                packed("q", template_id(units[unit])),
                LEVELS[verdicts.rank[at]].encode(),
                packed("f", verdicts.confidence[at]),
                packed("f", verdicts.score[at]),
                SEVERITIES[verdicts.severity[at]].encode(),
                packed("i", 7),
                packed("h", 3),
                packed("?", verdicts.is_anomaly[at]),
                verdicts.reasons[at].encode(),
            ]
        )
    assert sorted(map(str, found.rows)) == sorted(map(str, expected))


def test_groups_come_back_as_they_were(chance: random.Random, database: Database) -> None:
    logs = random_logs(chance, 500)
    chunk, units, groups = chunked(logs)
    verdicts = random_verdicts(groups, chance)
    shared = Shared.of(groups, units, verdicts)
    stream = encode_groups(chunk, groups, units, shared, verdicts, 3)
    found = Fields()
    with database.transaction():
        database.execute("groups.create_staging")
        assert database.copy_in("groups.copy_groups", io.BytesIO(stream)) == len(groups)
        database.copy_out("tests.groups_out", found)
    expected = []
    for at in range(len(groups)):
        unit = units[groups.unit[at]]
        members = [log for log, of in zip(logs, groups.of_log.tolist(), strict=True) if of == at]
        times = [log.logged_at for log in members]
        expected.append(
            [
                packed("q", template_id(unit)),
                packed("h", normalize.VERSION),
                packed("q", groups.hour_at[at]),
                packed("f", verdicts.confidence[at]),
                packed("f", verdicts.score[at]),
                packed("?", verdicts.is_anomaly[at]),
                packed("h", 3),
                packed("q", len(members)),
                packed("q", min(times)),
                packed("q", max(times)),
                packed("q", members[-1].id),
                packed("q", members[-1].logged_at),
                unit.source.encode(),
                unit.declared_level.encode(),
                unit.text.encode(),
                LEVELS[verdicts.rank[at]].encode(),
                SEVERITIES[verdicts.severity[at]].encode(),
                verdicts.reasons[at].encode(),
            ]
        )
    assert sorted(map(str, found.rows)) == sorted(map(str, expected))


def test_no_rows_are_an_empty_stream(database: Database) -> None:
    chunk, units, groups = chunked([])
    verdicts = random_verdicts(groups, random.Random(0))
    stream = encode(chunk, groups, Shared.of(groups, units, verdicts), verdicts, 1, 1)
    with database.transaction():
        assert database.copy_in("predictions.copy_predictions", io.BytesIO(stream)) == 0
