"""Lines put together into entries: a stack trace, a statement, a banner belong to one."""

import re

from ingest.entry import Entry
from ingest.formats import FORMATS, PLAIN
from ingest.formats.format import Following, Format, absorbs_nothing
from ingest.lines import LIMIT_BYTES, NOTE_CUT, Line
from ingest.times import Times

FREE_LINES = 500
"""Lines that are neither indented nor of a stack trace, and still taken into one entry; with more
of them the log has rather changed to a format that is not known."""

BLANK_LINES = 20
"""Blank lines in a row that are kept inside an entry."""

UNREADABLE = (ValueError, OverflowError, OSError)
"""What a format raises for a line that looks right and is not; OSError: a time out of range."""

_TRACE = re.compile(
    r"\s|Caused by: |Suppressed: |\.\.\. \d+ |#\d+[ :]|[)}\]]+[,;]?\s*\Z|goroutine \d+ \["
    r"|During handling of the above|The above exception was|Node\.js v\d"
    r"|(?:[a-z][\w$]*\.)+[A-Z][\w$]*(?:Exception|Error|Throwable)\b|[A-Z]\w*(?:Error|Exception):"
)
# The line after one of these is of the same stack trace: Python's next traceback, and the piece of
# source with which Node begins its own, `/srv/server.js:8`.
_GOES_ON = re.compile(r"During handling of the above|The above exception was|[^\s{}\"]+:\d+\Z")
_MAY_STATE_TIME = re.compile(r"\{|.{0,400}?(?:\d:\d\d|\d{6})", re.DOTALL)
"""What a line must have for other formats to be tried: they need a time, and cost 20 µs."""

_BEGINS_WITH_DAY = re.compile(r"[\[(]?\d{1,4}[-/]\d{1,2}[-/]\d{2,4}[\sT:,|;\]]")


class Assembler:
    """Takes lines one by one and gives entries when they are complete.

    Lines are read as one chosen format. A line that is not of it may be of any other format, as
    long as it states a time: programs share files. What is neither continues the entry before it,
    where that one's format allows, or is kept as an entry whose `error` says why.
    """

    def __init__(self, chosen: Format, times: Times) -> None:
        """Read lines as `chosen`, with times by `times`."""
        self.chosen = chosen
        self._times = times
        self._others = [each for each in FORMATS.values() if each not in (chosen, PLAIN)]
        self._format = chosen
        self._open: Entry | None = None
        self._tail: list[str] = []
        self._tail_key: str | None = None
        self._last = ""
        self._length = self._count_free = self._count_blank = 0

    @property
    def is_open(self) -> bool:
        """Tell whether there is an entry that further lines may go on."""
        return self._open is not None

    def push(self, line: Line) -> Entry | None:
        """Take one line; return the entry before it if that one is complete now."""
        text, note = line
        if not text or text.isspace():
            self._count_blank += 1
            return None
        if self._open is not None and self._format is PLAIN and _GOES_ON.match(self._last):
            self._extend(self._open, text, note)
            return None
        entry, form = self._read_as_chosen(text)
        if entry is None and self._open is not None and self._absorbs(self._open, text, note):
            return None
        if entry is None and not text[0].isspace():
            entry, form = self._read_as_other(text)
        if entry is None and self._open is not None and self._continues(text):
            self._extend(self._open, text, note)
            return None
        if entry is None:
            entry, form = self._left_over(text), PLAIN
        return self._begin(entry, form, text, note)

    def flush(self) -> Entry | None:
        """Return the last entry, complete since nothing follows."""
        entry, self._open = self._open, None
        if entry is not None:
            self._settle(entry)
        return entry

    def _read_as_chosen(self, text: str) -> tuple[Entry | None, Format]:
        """Return the entry that begins with `text`, or None, and the format it is of."""
        if self.chosen is PLAIN:
            return None, PLAIN
        try:
            return self.chosen.parse(text, self._times), self.chosen
        except UNREADABLE as exc:
            return self._left_over(text, str(exc)), PLAIN

    def _read_as_other(self, text: str) -> tuple[Entry | None, Format]:
        if not _MAY_STATE_TIME.match(text):
            return None, PLAIN
        for other in self._others:
            try:
                entry = other.parse(text, self._times)
            except UNREADABLE:
                continue  # Not of that format after all.
            if entry is not None and entry.logged_at is not None:
                return entry, other
        return None, PLAIN

    def _left_over(self, text: str, reason: str = "") -> Entry:
        """Keep a line that begins nothing: plain text if that was chosen, else an error."""
        if self.chosen is PLAIN:
            return Entry(text)
        reason = reason or "does not look like it"
        return Entry(text, error=f"not read as {self.chosen.title}: {reason}"[:500])

    def _begin(self, entry: Entry, form: Format, text: str, note: str | None) -> Entry | None:
        before = self.flush()
        entry.format = form.name
        if note is not None:
            entry.note(note)
        self._open, self._format = entry, form
        self._last = text
        self._length = len(entry.message)
        self._count_free = self._count_blank = 0
        return before

    def _absorbs(self, entry: Entry, text: str, note: str | None) -> bool:
        if self._format.absorb is absorbs_nothing:
            return False
        absorbed = self._format.absorb(entry, text)
        if absorbed is None:
            return False
        if absorbed.key is not None:
            self._settle(entry)
            self._tail_key = absorbed.key
        self._extend(entry, absorbed.text, note)
        return True

    def _continues(self, text: str) -> bool:
        """Tell whether `text`, which begins no entry, belongs to the open one."""
        following = self._format.following
        if following is Following.NONE:
            return False
        if text[0].isspace():
            return True
        is_trace = _TRACE.match(text) is not None
        if following is Following.INDENTED:
            return is_trace and bool(self._tail)
        if is_trace:
            return True
        self._count_free += 1
        return self._count_free <= FREE_LINES and not _BEGINS_WITH_DAY.match(text)

    def _extend(self, entry: Entry, text: str, note: str | None) -> None:
        entry.count_lines += 1
        if note is not None:
            entry.note(note)
        if self._length + len(text) >= LIMIT_BYTES:
            entry.note(NOTE_CUT)
            text = text[: max(0, LIMIT_BYTES - self._length)]
        if text:
            self._tail.extend([""] * min(self._count_blank, BLANK_LINES))
            self._tail.append(text)
            self._last = text
            self._length += len(text) + 1
        self._count_blank = 0

    def _settle(self, entry: Entry) -> None:
        """Write the lines that were collected to where they belong."""
        if self._tail:
            key = self._tail_key
            before = entry.message if key is None else entry.attributes.get(key, "")
            text = "\n".join(self._tail)
            whole = f"{before}\n{text}" if before else text
            if key is None:
                entry.message = whole
            else:
                entry.attributes[key] = whole
        self._tail, self._tail_key = [], None
