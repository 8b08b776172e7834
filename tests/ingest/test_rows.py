"""What PostgreSQL cannot hold is altered so that it can, and said so; the rest stays as it is."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.clean import (
    LIMIT_FIELD,
    NOTE_NUL,
    NOTE_NUMBER,
    NOTE_SURROGATE,
)
from ingest.entry import Entry
from ingest.rows import copy_row

AT = datetime(2026, 11, 24, 10, tzinfo=UTC)


def entry(message: str = "x", **fields: Any) -> Entry:
    return Entry(message, logged_at=AT, **({"source": "app"} | fields))


def fields_of(row: bytes) -> list[str | None]:
    """Read a row of COPY's text format as the server does."""
    text = row.decode().removesuffix("\n")
    assert "\n" not in text and "\r" not in text
    unescaped = {"\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
    fields: list[str | None] = []
    for field in text.split("\t"):
        if field == r"\N":
            fields.append(None)
            continue
        letters = iter(field)
        fields.append("".join(unescaped[next(letters)] if c == "\\" else c for c in letters))
    return fields


def attributes_of(row: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fields_of(row)[6] or "{}")
    return found


def test_a_row_has_its_columns_in_the_order_of_the_statement() -> None:
    row = copy_row(entry("hello", host="web1", level="INFO", trace_id="t1", attributes={"pid": 7}))
    assert fields_of(row) == [
        "2026-11-24T10:00:00+00:00", "app", "web1", "INFO", "hello", "t1", '{"pid":7}'
    ]  # fmt: skip


def test_what_is_missing_is_null_and_what_is_empty_is_not() -> None:
    assert fields_of(copy_row(entry("")))[1:] == ["app", None, None, "", None, None]


@pytest.mark.parametrize(
    "text", [r"\N", "\\.", "a\tb", "a\nb\r\nc", "\\", r"\n", "’quote'\"", "💥"]
)
def test_text_with_a_meaning_for_copy_comes_through(text: str) -> None:
    row = copy_row(entry(text, attributes={"key": text, text: 1}))
    assert fields_of(row)[4] == text
    assert attributes_of(row) == {"key": text, text: 1}


def test_nul_is_replaced_everywhere_and_noted() -> None:
    row = copy_row(entry("a\0b", host="h\0", attributes={"k\0": ["v\0", {"n": "\0"}]}))
    assert b"\0" not in row
    assert fields_of(row)[2:5] == ["h\ufffd", None, "a\ufffdb"]
    assert attributes_of(row) == {
        "k\ufffd": ["v\ufffd", {"n": "\ufffd"}],
        "ingest_notes": [NOTE_NUL],
    }


def test_a_backslash_before_u0000_is_text_and_stays() -> None:
    row = copy_row(entry("x", attributes={"path": r"C:\u0000"}))
    assert attributes_of(row) == {"path": r"C:\u0000"}


def test_lone_surrogates_are_replaced_and_pairs_joined() -> None:
    row = copy_row(entry("a\ud800b", attributes={"k": "\ud83d\udca5"}))
    assert fields_of(row)[4] == "a\ufffdb"
    assert attributes_of(row) == {"k": "💥", "ingest_notes": [NOTE_SURROGATE]}


def test_numbers_that_json_has_not_are_kept_as_text() -> None:
    row = copy_row(entry(attributes={"a": float("inf"), "b": [float("nan")], "c": 1e308}))
    assert attributes_of(row) == {
        "a": "inf",
        "b": ["nan"],
        "c": 1e308,
        "ingest_notes": [NOTE_NUMBER],
    }


@pytest.mark.parametrize("name", ["source", "host", "level", "trace_id"])
def test_fields_that_are_grouped_by_are_cut_and_kept_whole_among_the_attributes(name: str) -> None:
    row = copy_row(entry(**{name: "é" * 5000}))
    place = {"source": 1, "host": 2, "level": 3, "trace_id": 5}[name]
    assert fields_of(row)[place] == "é" * LIMIT_FIELD
    assert attributes_of(row) == {f"whole_{name}": "é" * 5000}


def test_the_reason_and_the_notes_join_the_attributes() -> None:
    broken = entry(attributes={"a": 1}, error="no JSON")
    broken.note("cut")
    broken.note("cut")
    assert attributes_of(copy_row(broken)) == {
        "a": 1,
        "ingest_error": "no JSON",
        "ingest_notes": ["cut"],
    }
