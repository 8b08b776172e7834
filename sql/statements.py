"""Named SQL statements, loaded from `queries/*.sql`.

A file holds blocks; each starts with `-- name: WORD`, then comment lines that say its purpose, then
one statement with `%(name)s` parameters. `statement("batch.open")` is block `open` of `batch.sql`.

A block named `WORD in FILE.BLOCK` stands in that other one, which selects from it as `framed`.
`statement("FILE.WORD in FILE.BLOCK")` puts it into another frame than its own.
"""

import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
_BLOCK = re.compile(r"^-- name: (\w+)(?: in ([\w.]+))?$", re.MULTILINE)
_FRAMED = "from framed"


@cache
def _blocks(room: str) -> dict[str, tuple[str | None, str]]:
    """Return the blocks of a file by name: in which frame each stands, if in any, and its text."""
    path = HERE / "queries" / f"{room}.sql"
    parts = _BLOCK.split(path.read_text(encoding="utf-8"))
    texts = (part.strip().rstrip(";") for part in parts[3::3])
    return dict(zip(parts[1::3], zip(parts[2::3], texts, strict=True), strict=True))


def statement(name: str) -> str:
    """Return the SQL of `FILE.BLOCK`; KeyError names what exists when there is no such block."""
    name, _, other_frame = name.partition(" in ")
    room, block = name.split(".")
    blocks = _blocks(room)
    if block not in blocks:
        raise KeyError(f"no statement {block!r} in queries/{room}.sql; there are {sorted(blocks)}")
    frame, text = blocks[block]
    frame = other_frame or frame
    return statement(frame).replace(_FRAMED, f"from (\n{text}\n) as framed") if frame else text
