"""The generated part of the corpus's README: the table of counts."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from training.capture import corpus

BEGIN = "<!-- counts: written by `python -m training.capture readme` -->"
END = "<!-- end of counts -->"


def table() -> str:
    """Give the counts of lines per file and run, and of faults per kind and run, as Markdown."""
    names = corpus.runs()
    lines = {name: corpus.facts(name)["files"] for name in names}
    faults = {name: Counter(w.fault for w in corpus.ledger(name) if w.fault) for name in names}
    stems = sorted({stem for files in lines.values() for stem in files})
    kinds = sorted({kind for counts in faults.values() for kind in counts})
    rows = [[stem, *(lines[n].get(stem, {}).get("lines", 0) for n in names)] for stem in stems]
    cases = [[kind, *(faults[n][kind] for n in names)] for kind in kinds]
    overview = [
        f"| {name} | {_minutes(name)} | {len(corpus.facts(name)['programs'])} |"
        f" {corpus.facts(name)['lines']} | {faults[name].total()} | {len(faults[name])} |"
        f" {_broken(name):.0%} |"
        for name in names
    ]
    head = ["| run | minutes | programs | lines | faults | kinds | time in faults |"]
    tables = ["\n".join([*head, "| --- |" + " --: |" * 6, *overview])]
    tables += [_markdown(["lines of", *names], rows), _markdown(["fault", *names], cases)]
    return "\n\n".join(tables)


def write() -> None:
    """Put the current counts into the README."""
    path = corpus.CORPUS / "README.md"
    head, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    path.write_text(f"{head}{BEGIN}\n\n{table()}\n\n{END}{tail}", encoding="utf-8")


def _minutes(run: str) -> str:
    facts = corpus.facts(run)
    start, end = (datetime.fromisoformat(facts[key]) for key in ("start", "end"))
    return f"{(end - start).total_seconds() / 60:.1f}"


def _broken(run: str) -> float:
    """Give the share of a run's time that lies in windows of faults."""
    windows = corpus.ledger(run)
    broken = sum((w.end - w.start for w in windows if w.fault), timedelta())
    return broken / (windows[-1].end - windows[0].start)


def _markdown(head: list[str], rows: list[list[Any]]) -> str:
    sums = [sum(int(row[i]) for row in rows) for i in range(1, len(head))]
    body = [[row[0], *row[1:], sum(int(n) for n in row[1:])] for row in rows]
    everything = [[*head, "all"], ["---", *["--:"] * len(head)], *body, ["all", *sums, sum(sums)]]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in everything)
