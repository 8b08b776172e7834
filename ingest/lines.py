"""A log file or stream as lines of text: decompressed, decoded, of bounded length."""

import bz2
import gzip
import io
import lzma
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from ingest.errors import BadFile

LIMIT_BYTES = 8 * 1024 * 1024
"""Longest line, and longest message of several lines, that is kept whole."""

STREAM = Path("-")
"""Stands for standard input."""

NOTE_CUT = f"longer than {LIMIT_BYTES:,} bytes: the rest was cut"
NOTE_UTF8 = "bytes that are not UTF-8 were replaced by U+FFFD"

_BUFFER_BYTES = 1 << 18
UTF8_MARK = b"\xef\xbb\xbf"
_COMPRESSED: dict[bytes, Callable[[BinaryIO], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}
_UNREADABLE = {
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", "zstdcat FILE | python -m ingest -"),
    b"PK\x03\x04": ("a zip archive", "unzip -p FILE | python -m ingest -"),
    b"\xff\xfe": ("text in UTF-16", "iconv -f UTF-16 -t UTF-8 FILE | python -m ingest -"),
    b"\xfe\xff": ("text in UTF-16", "iconv -f UTF-16 -t UTF-8 FILE | python -m ingest -"),
}
Line = tuple[str, str | None]
"""Text without its line end, and what had to be altered to make it so, or None."""


def decoded(raw: bytes) -> Line:
    """Return the line that `raw` holds, with or without its end."""
    try:
        return raw.decode().rstrip("\r\n"), None
    except UnicodeDecodeError:
        return raw.decode(errors="replace").rstrip("\r\n"), NOTE_UTF8


def refuse_other_than_text(name: str, head: bytes) -> None:
    """Raise BadFile if `head`, the first bytes of a log, is of something that cannot be read."""
    for magic, (what, command) in _UNREADABLE.items():
        if head.startswith(magic):
            raise BadFile(f"{name} is {what}, not a log as text; try: {command}")


def is_compressed(head: bytes) -> bool:
    """Tell whether `head`, the first bytes of a log, is of compressed data that can be read."""
    return head.startswith(tuple(_COMPRESSED))


class Lines:
    """Iterates over the lines of an open log."""

    def __init__(self, name: str, raw: BinaryIO, written_at: datetime | None = None) -> None:
        """Read from `raw`; `written_at` is its last write, where known.

        Raises BadFile if the first bytes show something that is not a log.
        """
        self.name = name
        self._raw = raw
        self._stream = io.BufferedReader(cast(io.RawIOBase, raw), _BUFFER_BYTES)
        self.written_at = written_at
        self.count_bytes = 0
        with self._failing_as_bad_file():
            self._open()

    def _open(self) -> None:
        head = self._stream.peek(8)[:8]
        refuse_other_than_text(self.name, head)
        for magic, reader in _COMPRESSED.items():
            if head.startswith(magic):
                packed = reader(self._stream)
                self._stream = io.BufferedReader(cast(io.RawIOBase, packed), _BUFFER_BYTES)
                head = self._stream.peek(8)
                # gzip remembers when the log itself was written, which a copy does not change.
                if written := getattr(packed, "mtime", None):
                    self.written_at = datetime.fromtimestamp(written, UTC)
        if head.startswith(UTF8_MARK):
            self._stream.read(len(UTF8_MARK))

    def position(self) -> int:
        """Return how many bytes of the file, as it is stored, were read; of a stream, decoded."""
        return self._raw.tell() if self._raw.seekable() else self.count_bytes

    def __iter__(self) -> Iterator[Line]:
        """Yield each line; raise BadFile where the bytes cannot be read on."""
        with self._failing_as_bad_file():
            while raw := self._stream.readline(LIMIT_BYTES):
                self.count_bytes += len(raw)
                text, note = decoded(raw)
                if raw[-1] != 10 and len(raw) == LIMIT_BYTES and self._skip_rest():
                    note = NOTE_CUT
                yield text, note

    def _skip_rest(self) -> bool:
        """Read to the end of an overlong line; return whether there was anything."""
        skipped = 0
        while raw := self._stream.readline(LIMIT_BYTES):
            skipped += len(raw)
            if raw[-1] == 10:
                break
        self.count_bytes += skipped
        return skipped > 1

    @contextmanager
    def _failing_as_bad_file(self) -> Iterator[None]:
        try:
            yield
        except EOFError as exc:
            raise BadFile(
                f"{self.name}: the compressed data end too early; "
                "nothing of it was loaded: copy the file again"
            ) from exc
        except (gzip.BadGzipFile, zlib.error, lzma.LZMAError) as exc:
            raise BadFile(
                f"{self.name}: the compressed data are damaged ({exc}); "
                "nothing of it was loaded: copy the file again"
            ) from exc
        except OSError as exc:
            raise BadFile(
                f"{self.name} cannot be read: {exc.strerror or exc}; nothing of it was loaded"
            ) from exc


@contextmanager
def open_lines(path: Path) -> Iterator[Lines]:
    """Open the file `path`, or standard input for `-`; BadFile says why it cannot be."""
    if path == STREAM:
        yield Lines("standard input", sys.stdin.buffer)
        return
    try:
        raw = path.open("rb", buffering=0)
    except IsADirectoryError as exc:
        raise BadFile(f"{path} is a directory; name the files in it, as in {path}/*.log") from exc
    except FileNotFoundError as exc:
        raise BadFile(f"{path} does not exist") from exc
    except (OSError, ValueError) as exc:
        raise BadFile(f"{path} cannot be opened: {getattr(exc, 'strerror', None) or exc}") from exc
    with raw:
        yield Lines(str(path), cast(BinaryIO, raw), written_at(path))


def written_at(path: Path) -> datetime | None:
    """Return when a regular file was last written; None for a pipe."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        return None
    return datetime.fromtimestamp(status.st_mtime, UTC)


def size_bytes(path: Path) -> int | None:
    """Return the size of a regular file as it is stored; None for a stream."""
    return path.stat().st_size if path.is_file() else None
