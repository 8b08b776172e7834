"""Reading the captured corpus: standard library only, no services needed."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).resolve().parent / "corpus"


@dataclass(frozen=True)
class LogFile:
    """One captured file: the stem that names its program, and where it lies (gzip)."""

    program: str
    path: Path

    def lines(self) -> Iterator[bytes]:
        """Give the raw lines without their newline, as the program wrote them."""
        with gzip.open(self.path) as stream:
            for line in stream:
                yield line.rstrip(b"\n")


@dataclass(frozen=True)
class Fault:
    """A window of the ledger.

    `fault` is the kind that was injected, or None for a clean stretch; `program` is the stem of
    the file most directly affected (empty for a clean stretch) and `affected` all stems that
    show effects. `start` and `end` are UTC: just before the injection, just after recovery.
    """

    program: str
    affected: tuple[str, ...]
    fault: str | None
    start: datetime
    end: datetime


def runs() -> list[str]:
    """Name the runs of the corpus, in alphabetical order."""
    names = (path.parent.name for path in CORPUS.glob("*/run.json"))
    return sorted(name for name in names if not name.startswith("."))  # hidden: being put together


def files(run: str) -> list[LogFile]:
    """List the log files of a run; raise `FileNotFoundError` when there is no such run."""
    folder = _folder(run)
    suffix = ".log.gz"
    return [
        LogFile(path.name.removesuffix(suffix), path) for path in sorted(folder.glob(f"*{suffix}"))
    ]


def ledger(run: str) -> list[Fault]:
    """Give the windows of a run in order of time, clean stretches included."""
    with (_folder(run) / "ledger.jsonl").open(encoding="utf-8") as stream:
        windows = [to_window(json.loads(line)) for line in stream]
    return sorted(windows, key=lambda window: window.start)


def facts(run: str) -> dict[str, Any]:
    """Give `run.json`: start, end, versions, and per file the lines, bytes and sha256."""
    found: dict[str, Any] = json.loads((_folder(run) / "run.json").read_text(encoding="utf-8"))
    return found


def to_window(fields: dict[str, Any]) -> Fault:
    """Turn a line of the ledger, as read from JSON, into a window."""
    return Fault(
        program=fields["program"] or "",
        affected=tuple(fields["affected"]),
        fault=fields["fault"],
        start=datetime.fromisoformat(fields["start"]),
        end=datetime.fromisoformat(fields["end"]),
    )


def _folder(run: str) -> Path:
    folder = CORPUS / run
    if not (folder / "run.json").is_file():
        known = ", ".join(runs()) or "none"
        raise FileNotFoundError(f"no captured run named {run!r}; there are: {known}")
    return folder
