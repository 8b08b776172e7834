"""Bytes become lines, whatever they are packed in, and nothing else passes for a log."""

import bz2
import gzip
import io
import lzma
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import BadFile
from ingest.lines import LIMIT_BYTES, NOTE_CUT, NOTE_UTF8, Lines, open_lines


def lines_of(content: bytes) -> list[tuple[str, str | None]]:
    return list(Lines("x", io.BytesIO(content)))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_compressed_logs_are_told_by_their_first_bytes(pack: type[bytes]) -> None:
    assert lines_of(pack(b"one\ntwo\n")) == [("one", None), ("two", None)]


def test_several_gzip_members_are_one_log() -> None:
    assert len(lines_of(gzip.compress(b"one\n") + gzip.compress(b"two\n"))) == 2


def test_byte_order_mark_and_carriage_returns_are_not_text() -> None:
    assert lines_of(b"\xef\xbb\xbfone\r\ntwo\r\n") == [("one", None), ("two", None)]
    assert lines_of(gzip.compress(b"\xef\xbb\xbfone")) == [("one", None)]


def test_the_last_line_needs_no_end() -> None:
    assert lines_of(b"one\ntwo") == [("one", None), ("two", None)]


def test_an_empty_log_has_no_lines() -> None:
    assert lines_of(b"") == []


def test_bytes_that_are_not_utf8_are_replaced_and_noted() -> None:
    assert lines_of(b"caf\xe9\nok\n") == [("caf\ufffd", NOTE_UTF8), ("ok", None)]


def test_a_line_of_5_mb_is_kept_whole() -> None:
    (line, note), _ = lines_of(b"x" * 5_000_000 + b"\nok\n")
    assert (len(line), note) == (5_000_000, None)


def test_a_line_beyond_the_limit_is_cut_noted_and_the_next_one_is_whole() -> None:
    lines = lines_of(b"x" * (3 * LIMIT_BYTES) + b"\nok\n")
    assert [(len(line), note) for line, note in lines] == [(LIMIT_BYTES, NOTE_CUT), (2, None)]


@pytest.mark.parametrize("beyond", [0, 1])
def test_a_line_of_just_the_limit_is_whole(beyond: int) -> None:
    lines = lines_of(b"x" * (LIMIT_BYTES + beyond) + b"\nok\n")
    assert [(len(line), note) for line, note in lines] == [
        (LIMIT_BYTES, NOTE_CUT if beyond else None),
        (2, None),
    ]


def test_gzip_tells_when_the_log_was_written() -> None:
    lines = Lines("x", io.BytesIO(gzip.compress(b"one\n", mtime=1_000_000_000)))
    assert lines.written_at == datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(b"one\n" * 9999, mtime=0)[:-20], "the compressed data end too early"),
        (gzip.compress(b"one\n" * 9999, mtime=0)[:-8] + b"12345678", "are damaged"),
        (b"\x1f\x8b\xff\xff\xff\xff\xff\xff\xff\xff\xff", "are damaged"),
        (bz2.compress(b"one\n" * 9999)[:-20], "the compressed data end too early"),
        (lzma.compress(b"one\n" * 9999)[:-20], "the compressed data end too early"),
        (b"\xfd7zXZ\x00 and then nothing of the kind", "are damaged"),
        (b"BZh and then nothing of the kind", "cannot be read: Invalid data stream"),
        (b"\xff\xfeo\0n\0e\0", "iconv -f UTF-16"),
        (b"PK\x03\x04zip", "unzip -p"),
        (b"\x28\xb5\x2f\xfdzstd", "zstdcat"),
    ],
)
def test_what_is_not_a_readable_log_says_why_and_what_to_do(content: bytes, words: str) -> None:
    with pytest.raises(BadFile, match=words):
        lines_of(content)


def test_a_missing_file_and_a_directory_say_so(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"no\.log does not exist"), open_lines(tmp_path / "no.log"):
        pass
    with pytest.raises(BadFile, match=r"is a directory; name the files"), open_lines(tmp_path):
        pass
    with pytest.raises(BadFile, match="cannot be opened"), open_lines(Path("a\0b")):
        pass
