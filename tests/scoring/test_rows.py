"""Rows become units: two logs share one exactly when source, declared level and text are equal."""

import struct
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scoring.levels import declared
from scoring.normalize import normalize
from scoring.rows import LONGEST_SOURCE, BadRow, Chunk, Unit, UnitTable
from tests.scoring.rows_of import Log, field, rows_of

# PostgreSQL's text holds any character but NUL; surrogates are not characters.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80)
LIKE_LOGS = st.lists(
    st.sampled_from(
        [
            *("GET", "/var/log/app.log", "10.0.0.1", "took", "12 ms", "id=7f3a9c00b1d2", "user"),
            *("8d6f0f2c-7a3e-4c39-9f0e-3b1f5f6f7a8b", '"quoted"', "\x1b[31m", "naïve", "\t", "\\N"),
            *("connectionPool", "<script>", "0", "9", "a1", "a2", "2026-11-24T06:00:00Z", "="),
        ]
    ),
    max_size=8,
).map(" ".join)
# Lengths whose bytes are digits: 48 to 57 is 0x30 to 0x39.
DIGIT_LONG = st.integers(48, 57).flatmap(
    lambda size: st.text("0123456789ab", min_size=size, max_size=size)
)
SOURCES = st.one_of(st.sampled_from(["app", "app1", "app2", "", "1", "2"]), TEXT, DIGIT_LONG)
LEVELS = st.one_of(
    st.none(),
    st.sampled_from(["", "INFO", "info", "DEBUG1", "DEBUG5", "3", "6", "W", "nonsense"]),
    TEXT,
    DIGIT_LONG,
)
MESSAGES = st.one_of(LIKE_LOGS, TEXT, DIGIT_LONG)
BIG = st.integers(-(2**63), 2**63 - 1)
LOGS = st.builds(Log, id=BIG, logged_at=BIG, source=SOURCES, level=LEVELS, message=MESSAGES)


def unit_of(log: Log) -> Unit:
    """Return the unit by definition, text by text."""
    return Unit(log.source, declared(log.level), normalize(log.message))


def read(
    table: UnitTable, logs: Sequence[Log], cuts: Sequence[int]
) -> list[tuple[Chunk, list[Unit]]]:
    """Return the chunks of `logs` cut at `cuts`, each with all units known when it came."""
    units: list[Unit] = []
    read = []
    for start, end in zip([0, *cuts], [*cuts, len(logs)], strict=True):
        if start == end:
            continue
        chunk = table.chunk(rows_of(list(logs[start:end])))
        units = [*([] if chunk.is_reset else units), *chunk.new_units]
        read.append((chunk, units))
    return read


@st.composite
def logs_and_cuts(draw: st.DrawFn) -> tuple[list[Log], list[int]]:
    logs = draw(st.lists(LOGS, min_size=1, max_size=30))
    cuts = draw(st.lists(st.integers(0, len(logs)), max_size=4))
    return logs, sorted(cuts)


def check(table: UnitTable, logs: list[Log], cuts: list[int]) -> None:
    at = 0
    for chunk, units in read(table, logs, cuts):
        part = logs[at : at + len(chunk)]
        at += len(chunk)
        assert chunk.ids.tolist() == [log.id for log in part]
        assert chunk.logged_at.tolist() == [log.logged_at for log in part]
        assert [units[unit] for unit in chunk.units.tolist()] == [unit_of(log) for log in part]
        assert len(units) == len(set(units)), "a unit has two numbers"
    assert at == len(logs)


@settings(max_examples=300, deadline=None)
@given(logs_and_cuts())
@example(([Log(source="web-1"), Log(source="web-2")], []))
@example(([Log(level="3"), Log(level="6")], [1]))
@example(([Log(level="DEBUG1"), Log(level="DEBUG5")], []))
@example(([Log(source="a" * 48), Log(source="a" * 49)], []))
@example(([Log(source="app", level=None, message=""), Log(source="app", level="", message="")], []))
def test_units_are_as_if_every_text_were_normalised_alone(
    given: tuple[list[Log], list[int]],
) -> None:
    check(UnitTable(), *given)


@settings(max_examples=100, deadline=None)
@given(logs_and_cuts(), st.integers(0, 5))
def test_a_table_that_starts_anew_forgets_numbers_and_nothing_else(
    given: tuple[list[Log], list[int]], most: int
) -> None:
    check(UnitTable(most), *given)


def test_nulls_and_empty_fields_are_read_in_their_place() -> None:
    logs = [
        Log(source="", level=None, message=""),
        Log(source="", level="ERROR", message=""),
        Log(source="ERROR", level=None, message=""),
        Log(source="", level=None, message="ERROR"),
    ]
    check(UnitTable(), logs, [])


def test_long_messages_are_read_by_their_beginning() -> None:
    logs = [
        Log(message="failed " * 200_000),
        Log(message="failed " * 200_000 + "at the end"),
        Log(message="x" * 5_000_000),
    ]
    table = UnitTable()
    check(table, logs, [])
    assert len({unit_of(log) for log in logs}) == 2


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (struct.pack(">hiiq", 5, -1, 8, 1), "id is null or no bigint"),
        (struct.pack(">hiiiq", 5, 4, 7, 8, 1), "id is null or no bigint"),
        (struct.pack(">hiqi", 5, 8, 1, -1), "logged_at is null or no timestamptz"),
        (struct.pack(">hiqii", 5, 8, 1, 4, 1), "logged_at is null or no timestamptz"),
    ],
)
def test_a_row_without_id_or_time_is_refused(row: bytes, said: str) -> None:
    texts = b"".join(map(field, (b"app", None, b"hello")))
    with pytest.raises(BadRow, match=f"gives 1 logs whose {said}; expected one for every log"):
        UnitTable().chunk([*rows_of([Log(), Log()]), row + texts])


@pytest.mark.parametrize("size", [LONGEST_SOURCE, LONGEST_SOURCE + 1, 10_000])
def test_a_source_too_long_for_an_index_is_cut_and_stays_itself(size: int) -> None:
    names = ["ä" * (size - 1) + letter for letter in "xy"]
    chunk = UnitTable().chunk(rows_of([Log(source=name) for name in (*names, *names)]))
    found = [chunk.new_units[unit].source for unit in chunk.units.tolist()]
    assert found[0] == found[2] != found[1] == found[3]
    assert all(len(name.encode()) < 2700 for name in found)
    if size == LONGEST_SOURCE:
        assert found[:2] == names
