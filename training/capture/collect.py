"""Keeping what a run wrote: compressed files, the ledger and the run's facts."""

import gzip
import hashlib
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

from training.capture.corpus import CORPUS, LogFile, files, ledger, runs, to_window
from training.capture.effects import Trace


def keep(run: str, root: Path) -> Path:
    """Compress the logs of the run in `root` into `corpus/RUN`; give that folder.

    It is put together under a hidden name, so that a failure leaves no half of a run behind.
    """
    staged = f".{run}"
    folder = CORPUS / staged
    try:
        return _put_together(staged, root).rename(CORPUS / run)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put_together(staged: str, root: Path) -> Path:
    folder = CORPUS / staged
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}", encoding="utf-8")
    (folder / "ledger.jsonl").write_bytes((root / "ledger.jsonl").read_bytes())
    for path in sorted((root / "log").glob("*.log")):
        if raw := path.read_bytes():
            (folder / f"{path.name}.gz").write_bytes(gzip.compress(raw, 9, mtime=0))
    facts = json.loads((root / "facts.json").read_text(encoding="utf-8"))
    facts["files"] = {file.program: describe(file) for file in files(staged)}
    facts["lines"] = sum(file["lines"] for file in facts["files"].values())
    facts["unseen_faults"] = narrow(staged)
    facts["ledger_sha256"] = hashlib.sha256((folder / "ledger.jsonl").read_bytes()).hexdigest()
    text = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
    (folder / "run.json").write_text(text, encoding="utf-8")
    return folder


def describe(file: LogFile) -> dict[str, Any]:
    """Give lines, bytes as written, and sha256 of those bytes and of the compressed file."""
    raw = gzip.decompress(file.path.read_bytes())
    return {
        "lines": raw.count(b"\n") + (not raw.endswith(b"\n")),
        "bytes": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "gz_sha256": hashlib.sha256(file.path.read_bytes()).hexdigest(),
    }


def times_of_fault(seen_in: list[str] | None = None) -> dict[str, int]:
    """Count how often each fault kind was injected in the runs there are."""
    counts: Counter[str] = Counter()
    for run in seen_in if seen_in is not None else runs():
        counts.update(window.fault for window in ledger(run) if window.fault)
    return dict(counts)


def narrow(run: str) -> list[str]:
    """Make the ledger say where faults show; give the faults that show nowhere.

    A file stays among the affected if it shows the fault, and the fault's own file stays with it.
    A fault that shows in no file is none to a reader of logs: its window joins the clean ones.
    """
    path = CORPUS / run / "ledger.jsonl"
    windows = ledger(run)
    traces = {file.program: Trace(file, windows) for file in files(run)}
    kept: list[dict[str, Any]] = []
    unseen = []
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        window = to_window(fields)
        showing = [s for s in window.affected if s in traces and traces[s].shows(window)]
        if window.fault and not showing:
            unseen.append(f"{window.fault} at {fields['start']}")
            fields.update(program=None, fault=None)
        elif window.fault and not traces[window.program].inside(window):
            fields["program"] = showing[0]
        fields["affected"] = [s for s in window.affected if s in (*showing, fields["program"])]
        if kept and kept[-1]["fault"] is None and fields["fault"] is None:
            kept[-1]["end"] = fields["end"]
        else:
            kept.append(fields)
    path.write_text("".join(json.dumps(fields) + "\n" for fields in kept), encoding="utf-8")
    return unseen
