"""Line formats written down as they look: `{time:iso} {level} [{thread}] {logger} - {message}`.

A space stands for any run of blanks, other text for itself. `{field}` takes what FIELDS allows;
`{field:word}` takes what FIELDS allows a `word`, or what the format says a `word` is; with `time`
it names a shape of ingest.times.SHAPES.
`message`, `level`, `source`, `host`, `trace_id` and `time` become the entry's own; every other
field becomes an attribute, a number where it is one of NUMBERS. `{_:word}` is dropped.
"""

import re
from string import Formatter

from ingest.entry import Entry
from ingest.times import SHAPES, Times

LEVELS = (
    r"(?:TRACE|DEBUG\d?|FINEST|FINER|FINE|CONFIG|INFO|INFORMATION|LOG|NOTE|NOTICE|SYSTEM|SUCCESS"
    r"|WARN|WARNING|ERR|ERROR|SEVERE|CRIT|CRITICAL|FATAL|ALERT|EMERG|EMERGENCY|PANIC|OFF)\b"
)
FIELDS = {
    "level": rf"(?i:{LEVELS})",
    "upper_level": LEVELS,
    "level_or_any": r"[A-Za-z]{1,20}",
    "message": r".*",
    "thread": r"[^\]]*",
    "logger": r"[^\s:\[\]]+",
    "dotted": r"[A-Za-z_$][\w$-]*(?:\.[\w$<>-]+)+",
    "class": r"[A-Za-z_$][\w$-]*(?:\.[\w$-]+)*\.[A-Z][\w$.<>]*|[A-Z][\w$]*(?:\.[a-z]\w*)?",
    "pid": r"\d{1,10}",
    "tid": r"\d{1,20}",
    "line": r"\d{1,9}",
    "word": r"[^\s\]]+",
    "file": r"[^\s:\]]+",
    "blanks": r" *",
    "separator": r"[ \t]*[-:|]?[ \t]+|[-:|][ \t]*",
}
NUMBERS = {"pid", "tid", "line", "connection"}
OWN = {"message", "level", "source", "host", "trace_id"}


def expression(layout: str, fields: dict[str, str]) -> str:
    """Return the regular expression that `layout` stands for, with `fields` beside FIELDS."""
    known = FIELDS | fields
    parts = []
    for literal, name, spec, _ in Formatter().parse(layout):
        parts.append(re.sub(r"(?:\\ )+", r"[ \\t]+", re.escape(literal)))
        if name == "time":
            parts.append(f"(?P<time>{SHAPES[spec or ''][0]})")
        elif name:
            parts.append(f"(?P<{name}>{known[spec or name]})")
    return "".join(parts)


class Layout:
    """One layout, ready to read lines."""

    def __init__(self, layout: str, fields: dict[str, str]) -> None:
        """Compile `layout`; `fields` are expressions by name, beside FIELDS."""
        self.text = layout
        # A line ends where it ends: `.` must take a stray carriage return or form feed too.
        self._match = re.compile(expression(layout, fields) + r"\Z", re.DOTALL).match
        shapes = [spec for _, name, spec, _ in Formatter().parse(layout) if name == "time"]
        self._read_time = SHAPES[shapes[0] or ""][1] if shapes else None

    def parse(self, line: str, times: Times) -> Entry | None:
        """Return the entry, or None if `line` looks otherwise; ValueError if its time is none."""
        found = self._match(line)
        if found is None:
            return None
        fields = found.groupdict()
        entry = Entry(fields.pop("message"))
        if self._read_time is not None:
            entry.logged_at = self._read_time(times, fields.pop("time"))
        for name, value in fields.items():
            if name in OWN:
                setattr(entry, name, value)
            elif name in NUMBERS:
                entry.attributes[name] = int(value)
            elif value and name != "_":
                entry.attributes[name] = value
        return entry


class Layouts:
    """Several layouts of one format, tried in order."""

    def __init__(self, *layouts: str, **fields: str) -> None:
        """Compile them; `fields` are expressions by name, beside FIELDS."""
        self._layouts = [Layout(layout, fields) for layout in layouts]

    def parse(self, line: str, times: Times) -> Entry | None:
        """Return the entry that the first matching layout finds."""
        for layout in self._layouts:
            if entry := layout.parse(line, times):
                return entry
        return None
