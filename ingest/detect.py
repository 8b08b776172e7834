"""Which format a log is in, told from its first lines."""

from dataclasses import dataclass
from itertools import islice

from ingest.formats import FORMATS, PLAIN
from ingest.formats.format import Format
from ingest.lines import Line, Lines
from ingest.multiline import UNREADABLE
from ingest.times import Times

SAMPLE_LINES = 200
SAMPLE_BYTES = 4 * 1024 * 1024

LEAST_SHARE = 0.25
"""Share of the lines that are not indented that a format must read to be chosen over plain text.
Lines that it does not read are then the rest of messages in several lines."""


@dataclass(frozen=True)
class Detection:
    """The format chosen, and the share of the `count_lines` lines looked at that it reads."""

    format: Format
    share: float
    count_lines: int


def sample(lines: Lines) -> list[Line]:
    """Return the first lines, SAMPLE_LINES or those of SAMPLE_BYTES."""
    taken: list[Line] = []
    length = 0
    for line in islice(lines, SAMPLE_LINES):
        taken.append(line)
        length += len(line[0])
        if length > SAMPLE_BYTES:
            break
    return taken


def detect(lines: list[Line], times: Times, told: Format | None = None) -> Detection:
    """Return the format that reads most of `lines`; a draw goes to the more specific one.

    With `told`, that is the format, and only its share is looked for.
    """
    heads = [text for text, _ in lines if text and not text[0].isspace()]
    if not heads:
        return Detection(told or PLAIN, 1.0, len(lines))
    if told is not None:
        return Detection(told, count_read(told, heads, times) / len(heads), len(heads))
    counts = {each.name: count_read(each, heads, times) for each in FORMATS.values()}
    specific = [name for name in FORMATS if not FORMATS[name].is_generic]
    for names in (specific, ["timestamped"]):
        best = max(names, key=counts.__getitem__)
        if counts[best] / len(heads) >= LEAST_SHARE:
            return Detection(FORMATS[best], counts[best] / len(heads), len(heads))
    return Detection(PLAIN, 1.0, len(heads))


def count_read(form: Format, heads: list[str], times: Times) -> int:
    """Return how many lines `form` reads, or takes into the entry before them."""
    count = 0
    entry = None
    for text in heads:
        try:
            if found := form.parse(text, times):
                entry = found
                count += 1
            elif entry is not None and form.absorb(entry, text):
                count += 1
        except UNREADABLE:
            continue
    return count
