"""Named SQL statements, loaded from `queries/*.sql`.

A file holds blocks; each starts with `-- name: WORD`, then comment lines that say its purpose, then
one statement with `%(name)s` parameters. `statement("batch.open")` is block `open` of `batch.sql`.
"""

import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
_BLOCK = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def _blocks(room: str) -> dict[str, str]:
    path = HERE / "queries" / f"{room}.sql"
    parts = _BLOCK.split(path.read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], (part.strip().rstrip(";") for part in parts[2::2]), strict=True))


def statement(name: str) -> str:
    """Return the SQL of `FILE.BLOCK`; KeyError names what exists when there is no such block."""
    room, block = name.split(".")
    blocks = _blocks(room)
    if block not in blocks:
        raise KeyError(f"no statement {block!r} in queries/{room}.sql; there are {sorted(blocks)}")
    return blocks[block]
