"""What a batch did, or would do, as lines for people and as Markdown for a workflow's summary."""

from collections import Counter
from typing import Any

Row = dict[str, Any]

NOTHING = "### Nothing to score\n\nEvery log of the window has its prediction.\n"

MOST_SOURCES = 20
"""Rows of the table; what is beyond is summed up in one."""


def anomalies(row: Row) -> str:
    """Return the number of anomalies of a run or a rehearsal, and of these by severity."""
    by_severity: Counter[str] = Counter()
    for each in row["anomalies"]:
        by_severity[each["severity"]] += each["count_logs"]
    split = ", ".join(f"{count:,} {severity}" for severity, count in by_severity.items())
    return f"{row['count_anomalies']:,} anomalies" + (f" ({split})" if split else "")


def counts(row: Row) -> str:
    """Return what a run did, and how long that took."""
    return (
        f"{row['count_logs']:,} logs scored, {anomalies(row)}, "
        f"{row['count_new_templates']:,} new templates in {row['seconds']:.1f} s"
    )


def set_aside(row: Row) -> str:
    """Return how many logs were scored under a substitute, and why; nothing when none was."""
    if not row["count_set_aside"]:
        return ""
    why = ", ".join(f"{reason}: {found['count']:,}" for reason, found in row["set_aside"].items())
    return f"{row['count_set_aside']:,} logs were scored under a substitute ({why})"


def lines(row: Row) -> list[str]:
    """Return the row of a run as plain lines."""
    steps = ", ".join(f"{step} {spent:.2f} s" for step, spent in row["step_seconds"].items())
    said = [f"batch {row['batch_id']}: {counts(row)}", set_aside(row), f"steps: {steps}"]
    return [line for line in said if line]


def markdown(row: Row, alerts: list[Row], link: str) -> str:
    """Return the job summary of a run that wrote `alerts`, each with `rule` and `count_alerts`."""
    slowest = max(row["step_seconds"], key=row["step_seconds"].get)
    seconds = row["step_seconds"][slowest]
    told = ", ".join(f"{plain(each['rule'])} {each['count_alerts']:,}" for each in alerts)
    return page(
        f"### Batch {row['batch_id']}",
        f"{counts(row)}. Slowest step: {slowest}, {seconds:.1f} s.",
        set_aside(row),
        table(row["anomalies"]),
        f"New alerts by rule: {told}." if told else "No rule had anything to tell that is new.",
        opened(link),
    )


def rehearsed(found: Row, link: str) -> str:
    """Return the job summary of a rehearsal."""
    if not found["count_logs"]:
        return NOTHING
    cells = [
        (plain(told["rule"]), told["severity"], plain(told["source"]), plain(told["template"]))
        for told in found["would_alert"]
    ]
    told = "".join(f"| {' | '.join(cell)} |\n" for cell in cells)
    head = "Rules would tell, the worst first:\n\n| rule | severity | source | pattern |\n"
    return page(
        "### Dry run: nothing was written",
        f"{found['count_logs']:,} logs would be scored, {anomalies(found)}.",
        set_aside(found),
        table(found["anomalies"]),
        f"{head}| --- | --- | --- | --- |\n{told}" if told else "Rules would tell nothing new.",
        opened(link),
    )


def page(*parts: str) -> str:
    """Return paragraphs; those with nothing in them are left out."""
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def table(anomalies: list[Row]) -> str:
    """Return the anomalies by severity and source, the worst first; nothing when there are none."""
    rows = [(each["severity"], plain(each["source"]), each["count_logs"]) for each in anomalies]
    shown, rest = rows[:MOST_SOURCES], rows[MOST_SOURCES:]
    if rest:
        shown.append(("below", f"{len(rest):,} more", sum(count for *_, count in rest)))
    body = "".join(f"| {severity} | {source} | {count:,} |\n" for severity, source, count in shown)
    return f"| severity | source | anomalies |\n| --- | --- | ---: |\n{body}" if body else ""


def opened(link: str) -> str:
    """Return the link to the page, if there is one."""
    return f"[Open the page]({link})" if link else ""


def plain(text: str) -> str:
    """Return a name, or a text of logs, as one that Markdown neither formats nor breaks a table
    on."""
    shown = "".join(letter if letter.isalnum() or letter in "-_. " else "·" for letter in text)
    return f"`{shown[:60]}`"
