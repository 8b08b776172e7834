"""`docs/views.md`, written from what the database says of itself: comments on views and columns."""

from pathlib import Path
from typing import Any

from sql.database import Database

PAGE = Path(__file__).parents[1] / "docs" / "views.md"
HEAD = """\
# Views, tables and functions

Written by `python -m sql docs` from the comments in the database; a test fails when it drifts.

Statistics (`stats_…`) are materialized views. Every batch refreshes them at its end, all in one
transaction: a reader sees the numbers of one batch, never a mixture. Live views are read as of now.
Tables are the batch's own; the role `logkiln_reader` selects from views alone.
"""
KINDS = {
    "statistics": "Statistics",
    "live view": "Live views",
    "table": "Tables",
    "function": "Functions",
}


def page(database: Database) -> str:
    """Return the page that describes a migrated database."""
    with database.transaction():
        relations = database.rows("docs.relations")
        functions = database.rows("docs.functions")
    parts = [HEAD]
    for kind, title in KINDS.items():
        parts.append(f"## {title}\n")
        if kind == "function":
            parts += [function_of(row) for row in functions]
        else:
            parts += [relation_of(row) for row in relations if row["kind"] == kind]
    return "\n".join(parts)


def relation_of(row: dict[str, Any]) -> str:
    """Return a relation's section: its grain, then a row for each column."""
    lines = [f"### `{row['name']}`\n", cell(row["said"]), ""]
    lines += ["| column | type | meaning |", "| --- | --- | --- |"]
    for column in row["columns"]:
        lines.append(f"| `{column['name']}` | {column['type']} | {cell(column['said'])} |")
    return "\n".join([*lines, ""])


def function_of(row: dict[str, Any]) -> str:
    """Return a function's section: how it is called and what it does."""
    return (
        f"### `{row['name']}`\n\n`{row['name']}({row['arguments']})` returns {row['result']}. "
        f"{cell(row['said'])}\n"
    )


def cell(text: str | None) -> str:
    """Return a comment as one line of a table."""
    return " ".join((text or "").split()).replace("|", "\\|")
