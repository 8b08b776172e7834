"""Statements of the tests: the `-- name:` blocks of the .sql files in `tests/`, run by `Database`.

`database.rows("tests.NAME")` runs block NAME, whichever file it is in, just as `sql/queries/` are.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sql import database as through
from sql import statements

HERE = Path(__file__).parent
CHECKS = HERE.parent / "sql" / "checks.sql"
_BLOCK = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def blocks() -> dict[str, str]:
    """Return all blocks by name; ValueError when two have the same one."""
    found: dict[str, str] = {}
    for path in sorted(HERE.glob("**/*.sql")):
        parts = _BLOCK.split(path.read_text(encoding="utf-8"))
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            if name in found:
                raise ValueError(f"{path} has a second statement {name!r}; expected another name")
            found[name] = text.strip().rstrip(";")
    # What psql runs by itself, looked at from inside of a transaction.
    found["health"] = CHECKS.read_text(encoding="utf-8").strip().rstrip(";")
    return found


@pytest.fixture(scope="session", autouse=True)
def statements_of_tests() -> Iterator[None]:
    """Let every `Database` find the statements of the tests under `tests.NAME`."""
    ours = blocks()

    def statement(name: str) -> str:
        room, block = name.split(".", 1)
        return ours[block] if room == "tests" else statements.statement(name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(through, "statement", statement)
        yield
