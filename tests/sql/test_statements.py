"""Statements are found by name; each says what it is for, and each that is asked for exists."""

import re
from pathlib import Path

import pytest

from scoring.alerts.rules import OF_LOGS, OF_RUNS
from sql.objects import made
from sql.statements import HERE, statement

BUILT = {
    "schema.give_": {each.kind.replace(" ", "_") for each in made()},
    "schema.drop_": {"view", "materialized_view", "function", "trigger_function"},
    "alert_rules.": set(OF_LOGS),
    "alert_scoring.": set(OF_RUNS),
}
"""Beginning of a name that is built when it is asked for, to the ends it may have."""

ROOT = HERE.parent
ROOMS = ("sql", "redaction", "ingest", "scoring", "training", "api", "local", "benchmarks")
FILES = sorted(path.stem for path in (HERE / "queries").glob("*.sql"))
_CALL = r"\.(?:execute(?:_on|_alone)?|rows?|value|copy_in|copy_out)\(\s*"
_NAMED = re.compile(_CALL + r'"([\w.]+)"')
_BUILT = re.compile(_CALL + r'f"([\w.]+)\{')


def named(path: Path) -> set[str]:
    return set(_NAMED.findall(path.read_text(encoding="utf-8")))


def blocks(file: str) -> list[str]:
    text = (HERE / "queries" / f"{file}.sql").read_text(encoding="utf-8")
    return re.findall(r"^-- name: (\w+)", text, re.MULTILINE)


@pytest.mark.parametrize("file", FILES)
def test_every_statement_says_what_it_is_for(file: str) -> None:
    names = blocks(file)
    assert names
    assert len(names) == len(set(names))
    for name in names:
        text = statement(f"{file}.{name}")
        assert re.match(r"-- \w.*\S\n", text), f"{file}.{name} does not say what it is for"
        code = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
        assert code.strip()


def test_every_statement_that_the_rooms_name_exists() -> None:
    asked = {
        name for room in ROOMS for path in (ROOT / room).glob("**/*.py") for name in named(path)
    }
    assert "batch.open" in asked
    for name in asked:
        assert statement(name)


def test_every_statement_whose_name_is_built_exists() -> None:
    asked = {
        beginning
        for room in set(ROOMS) - {"api"}  # Whose tests ask for everything in its table of actions.
        for path in (ROOT / room).glob("**/*.py")
        for beginning in _BUILT.findall(path.read_text(encoding="utf-8"))
    }
    assert asked == BUILT.keys()
    assert all(statement(beginning + end) for beginning, ends in BUILT.items() for end in ends)


def test_an_unknown_name_is_answered_with_those_that_exist() -> None:
    with pytest.raises(KeyError, match=r"no statement 'opne' in queries/batch\.sql.*'open'"):
        statement("batch.opne")


def test_no_sql_is_written_in_python() -> None:
    # What a person is told to type after `psql -c` is not.
    telling = re.compile(
        r'(?<!-c )"\s*(select\s.+\sfrom|insert\s+into|update\s.+\sset|delete\s+from)\s', re.I
    )
    for room in ROOMS:
        for path in (ROOT / room).glob("**/*.py"):
            if {"capture", "benchmarks"} & set(path.parts):
                continue  # Captured programs, and what others write, are not ours.
            assert not telling.search(path.read_text(encoding="utf-8")), path.name
