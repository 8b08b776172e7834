"""The generated part of the corpus's README: the table of counts."""

from collections import Counter
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
    return "\n\n".join([_markdown(["lines of", *names], rows), _markdown(["fault", *names], cases)])


def write() -> None:
    """Put the current counts into the README."""
    path = corpus.CORPUS / "README.md"
    head, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    path.write_text(f"{head}{BEGIN}\n\n{table()}\n\n{END}{tail}", encoding="utf-8")


def _markdown(head: list[str], rows: list[list[Any]]) -> str:
    sums = [sum(int(row[i]) for row in rows) for i in range(1, len(head))]
    body = [[row[0], *row[1:], sum(int(n) for n in row[1:])] for row in rows]
    everything = [[*head, "all"], ["---", *["--:"] * len(head)], *body, ["all", *sums, sum(sums)]]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in everything)
