"""Whatever the bytes: nothing raises, no line is lost, every entry has a row."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.entry import Entry
from ingest.errors import BadFile
from ingest.formats import FORMATS
from ingest.read import Reading
from ingest.rows import copy_row
from tests.ingest.logs import entries_of
from tests.ingest.samples import SAMPLES
from tests.ingest.test_rows import fields_of

LINES = [line for lines in SAMPLES.values() for line, _ in lines]
FOLLOWING = [
    "", " ", "\tat org.example.Shop.order(Shop.java:7)", "Traceback (most recent call last):",
    "ValueError: no", "2026-11-24 10:00:00.123 UTC [42] DETAIL:  more", "INFO: text", "}", "a=b",
]  # fmt: skip
any_line = st.one_of(
    st.sampled_from(LINES),
    st.sampled_from(FOLLOWING),
    st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=60),
    # A sample with a piece cut out or put in: nearly of a format.
    st.builds(
        lambda line, at, piece: line[:at] + piece + line[at + len(piece) :],
        st.sampled_from(LINES),
        st.integers(0, 80),
        st.text(st.sampled_from('[]{}"\\:= \t\0%<>9a\ufffd'), max_size=3),
    ),
)
logs = st.lists(any_line, max_size=30).map("\n".join)
some_format = st.sampled_from([None, *FORMATS])


def count_lines(text: str) -> int:
    return sum(1 for line in text.split("\n") if line.strip())


def everything_in(entries: list[Entry]) -> str:
    return "\n".join(
        f"{entry.message}\n{json.dumps(entry.attributes, ensure_ascii=False)}" for entry in entries
    )


@given(logs, some_format)
def test_every_line_is_in_an_entry(text: str, form: str | None) -> None:
    entries = entries_of(text.encode(), Reading(format=form))
    assert sum(entry.count_lines for entry in entries) == count_lines(text.rstrip("\r\n"))


@given(logs, some_format)
def test_every_entry_has_a_time_a_source_and_a_row(text: str, form: str | None) -> None:
    for entry in entries_of(text.encode(), Reading(format=form)):
        assert entry.logged_at is not None and entry.logged_at.tzinfo is not None
        fields = fields_of(copy_row(entry))
        assert len(fields) == 7 and fields[0] and fields[1] and fields[4] is not None
        if fields[6] is not None:
            json.loads(fields[6])


@given(st.lists(st.text(st.sampled_from("abcé💥-.,"), min_size=1), max_size=20))
def test_the_text_of_lines_without_structure_comes_back(words: list[str]) -> None:
    lines = [f"word {word}" for word in words]
    assert [entry.message for entry in entries_of("\n".join(lines))] == lines


@given(st.lists(st.sampled_from(LINES), max_size=30), st.text(st.sampled_from("xyzé"), max_size=20))
def test_the_text_of_unread_lines_is_kept_as_it_was(lines: list[str], word: str) -> None:
    odd = f"~~ {word}"
    mixed = [each for line in lines for each in (line, odd)]
    entries = entries_of("\n".join(mixed), Reading(format="json"))
    assert everything_in(entries).count(odd) == len(lines)


@given(st.binary(max_size=400), some_format)
def test_any_bytes_are_a_log_or_a_clear_refusal(content: bytes, form: str | None) -> None:
    try:
        entries = entries_of(content, Reading(format=form))
    except BadFile as exc:
        assert str(exc).startswith("app.log ") or str(exc).startswith("app.log:")
        return
    for entry in entries:
        assert b"\0" not in copy_row(entry)


@pytest.mark.parametrize("line", LINES)
def test_a_format_that_is_told_wrongly_loses_nothing(line: str) -> None:
    for form in FORMATS:
        (entry,) = entries_of(line, Reading(format=form))
        assert entry.count_lines == 1
