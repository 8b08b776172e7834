"""Go: klog and glog, zap's console, and the standard library's log."""

from ingest.entry import Entry
from ingest.formats.format import Following, Format
from ingest.formats.layout import Layouts
from ingest.formats.severities import KLOG_LEVELS
from ingest.times import Times

_KLOG = Layouts("{level:klog}{time:klog} {tid} {file}:{line}] {message}", klog=r"[IWEF]")
_ZAP = Layouts(
    "{time:iso}\t{level}\t{logger:word}\t{caller:word}\t{message}",
    "{time:iso}\t{level}\t{caller:word}\t{message}",
    "{time:iso}\t{level}\t{message}",
)
_STANDARD = Layouts(
    "{time:slashed} {file:go}:{line}: {message}",
    "{time:slashed} [{level}] {message}",
    "{time:slashed} {level}: {message}",
    "{time:slashed} {level} {message}",
    "{time:slashed} {message}",
    go=r"[^\s:]+\.go",
)


def parse_klog(line: str, times: Times) -> Entry | None:
    """Read `I1124 10:00:00.123456   12345 server.go:12] text`."""
    entry = _KLOG.parse(line, times)
    if entry is not None:
        entry.level = KLOG_LEVELS[entry.level or ""]
    return entry


FORMATS = [
    Format("klog", "klog or glog", parse_klog, Following.FREE),
    Format("zap", "zap's console", _ZAP.parse, Following.FREE),
    Format("go", "Go's log", _STANDARD.parse, Following.FREE),
]
