"""Checking the committed corpus: checksums, counts and a ledger that the lines bear out."""

import hashlib
import itertools

from training.capture import collect, corpus
from training.capture.effects import inside
from training.capture.stamps import stamps


def problems(run: str) -> list[str]:
    """Give what is wrong with a run, one sentence each; nothing when all is well."""
    facts = corpus.facts(run)
    found = []
    present = {file.program: file for file in corpus.files(run)}
    for stem in sorted(facts["files"].keys() ^ present.keys()):
        where = "run.json" if stem in facts["files"] else "the folder"
        found.append(f"{run}: {stem} is only in {where}")
    for stem in sorted(facts["files"].keys() & present.keys()):
        for key, value in collect.describe(present[stem]).items():
            expected = facts["files"][stem].get(key)
            if value != expected:
                found.append(f"{run}/{stem}: {key} is {value}, run.json says {expected}")
    digest = hashlib.sha256((corpus.CORPUS / run / "ledger.jsonl").read_bytes()).hexdigest()
    if digest != facts["ledger_sha256"]:
        found.append(f"{run}: the ledger's sha256 is {digest}, run.json says otherwise")
    return found + _ledger_problems(run, present)


def _ledger_problems(run: str, present: dict[str, corpus.LogFile]) -> list[str]:
    windows = corpus.ledger(run)
    found = []
    for before, after in itertools.pairwise(windows):
        if after.start < before.end:
            found.append(f"{run}: {after.fault} starts before {before.fault} ends")
    moments = {stem: list(stamps(file.lines())) for stem, file in present.items()}
    for window in windows:
        if window.start >= window.end:
            found.append(f"{run}: {window.fault} at {window.start} ends before it starts")
        if window.fault is None:
            continue
        if window.program not in window.affected:
            found.append(f"{run}: {window.fault} does not list its program among the affected")
        found += [
            f"{run}: {window.fault} at {window.start} affected {stem}, which wrote nothing then"
            for stem in window.affected
            if not any(inside(moment, window) for moment in moments.get(stem, []))
        ]
    return found
