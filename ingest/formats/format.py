"""What a format is: a name, a way to read a line, and what may follow a line of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from ingest.entry import Entry
from ingest.times import Times


class Following(Enum):
    """Which lines that are not entries themselves belong to the entry before them."""

    NONE = "none"
    """The format writes one line per entry; anything else is foreign."""
    INDENTED = "indented"
    """Lines that begin with a blank."""
    FREE = "free"
    """Any line: the format writes messages as they are, with their line ends."""


@dataclass(frozen=True, slots=True)
class Absorbed:
    """What a line gives to the entry before it.

    `text` goes on where the line before left off, or begins the attribute `key`.
    """

    text: str
    key: str | None = None


def absorbs_nothing(_entry: Entry, _line: str) -> Absorbed | None:
    """Leave the line alone."""
    return None


@dataclass(frozen=True)
class Format:
    """A way in which programs write logs.

    `parse` returns None for a line that looks otherwise, and raises ValueError, with the reason,
    for one that looks right and is not (a 31 February). `absorb` may take a line that begins no
    entry into the one before it (PostgreSQL's DETAIL). `is_generic`: it reads nearly everything,
    and is taken only where no other format fits.
    """

    name: str
    title: str
    parse: Callable[[str, Times], Entry | None]
    following: Following = Following.NONE
    absorb: Callable[[Entry, str], Absorbed | None] = absorbs_nothing
    is_generic: bool = False
