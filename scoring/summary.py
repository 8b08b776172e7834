"""What a batch did, as lines for people and as Markdown for a workflow's job summary."""

from typing import Any

NOTHING = "### Nothing to score\n\nEvery log of the window has its prediction.\n"


def counts(row: dict[str, Any]) -> str:
    """Return the counts of a row of `ml_batches` in words."""
    return (
        f"{row['count_logs']:,} logs scored, {row['count_anomalies']:,} anomalies, "
        f"{row['count_new_templates']:,} new templates"
    )


def lines(row: dict[str, Any]) -> list[str]:
    """Return the row of `ml_batches` as plain lines."""
    seconds = (row["finished_at"] - row["started_at"]).total_seconds()
    steps = ", ".join(f"{step} {spent:.2f} s" for step, spent in row["step_seconds"].items())
    return [f"batch {row['batch_id']}: {counts(row)} in {seconds:.1f} s", f"steps: {steps}"]


def markdown(row: dict[str, Any], found: list[dict[str, Any]], link: str) -> str:
    """Return the job summary: counts, anomalies by severity and source, slowest step, link."""
    slowest = max(row["step_seconds"], key=row["step_seconds"].get, default="none")
    cells = ((each["severity"], plain(each["source"]), f"{each['count_logs']:,}") for each in found)
    table = "".join(f"| {' | '.join(cell)} |\n" for cell in cells)
    head = "| severity | source | anomalies |\n| --- | --- | ---: |\n"
    return (
        f"### Batch {row['batch_id']}\n\n{counts(row)}. Slowest step: {slowest}.\n\n"
        + (head + table if table else "Nothing severe.\n")
        + (f"\n[Open the page]({link})\n" if link else "")
    )


def plain(source: str) -> str:
    """Return a source's name as text that Markdown neither formats nor breaks a table on."""
    shown = "".join(letter if letter.isalnum() or letter in "-_. " else "·" for letter in source)
    return f"`{shown[:60]}`"
