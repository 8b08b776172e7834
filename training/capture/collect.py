"""Keeping what a run wrote: compressed files, the ledger and the run's facts."""

import gzip
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

from training.capture.corpus import CORPUS, LogFile, files, ledger, runs, to_window
from training.capture.effects import Trace

LEAST_BYTES = 1


def keep(run: str, root: Path) -> Path:
    """Compress the logs of the run in `root` into `corpus/RUN`; give that folder."""
    folder = CORPUS / run
    folder.mkdir(parents=True)
    facts = json.loads((root / "facts.json").read_text(encoding="utf-8"))
    (folder / "run.json").write_text("{}", encoding="utf-8")
    (folder / "ledger.jsonl").write_bytes((root / "ledger.jsonl").read_bytes())
    for path in sorted((root / "log").glob("*.log")):
        raw = path.read_bytes()
        if len(raw) >= LEAST_BYTES:
            _compress(raw, folder / f"{path.name}.gz")
    facts["files"] = {file.program: describe(file) for file in files(run)}
    facts["lines"] = sum(file["lines"] for file in facts["files"].values())
    narrow(run)
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


def _compress(raw: bytes, path: Path) -> None:
    path.write_bytes(gzip.compress(raw, 9, mtime=0))


def narrow(run: str) -> None:
    """Keep as affected only files that show the fault; its own program stays in any case."""
    path = CORPUS / run / "ledger.jsonl"
    windows = ledger(run)
    traces = {file.program: Trace(file, windows) for file in files(run)}
    kept = []
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        window = to_window(fields)
        fields["affected"] = [
            stem
            for stem in fields["affected"]
            if stem == fields["program"] or (stem in traces and traces[stem].shows(window))
        ]
        kept.append(json.dumps(fields) + "\n")
    path.write_text("".join(kept), encoding="utf-8")
