"""How the server runs a statement, with those inside the functions that it calls."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sql.database import Database

HEAD = """\
# How the function's queries run

Written by `python -m benchmarks queries write=1`: each statement of `sql/queries/api*.sql` with
representative values on {many:,} predictions of {days} days and their logs, in PostgreSQL's default
settings on two shared cores. Times are medians over a local socket, planning and the driver
included. A test asserts that no plan has a sequential scan of predictions or logs.

Statements in functions come first. They are planned anew at each call, knowing the times: of
{days} partitions a plan shows the one or two that are read. `rows` are those that came, for each of
so many `loops`.
"""
_NUMBERS = re.compile(r"  \(cost=.*?\)")
_FOLDED = re.compile(r"^(Planning|Execution) Time|^JIT|^Settings|^Query Identifier")


class _Undone(Exception):
    """Raised to roll back what was only run to see how."""


@contextmanager
def undone(database: Database) -> Iterator[None]:
    """Roll back what the block does: it was only run to see how."""
    with suppress(_Undone), database.transaction():
        yield
        raise _Undone


def plans(database: Database, statement: str, values: dict[str, Any]) -> list[str]:
    """Return how it ran, innermost statements first; `database` is a superuser's."""
    notices = database._connection.notices
    with undone(database):
        database.execute("benchmarks.load_explain")
        database.execute("benchmarks.explain_all")
        notices.clear()
        database.row(statement, **values)
    return [plan for notice in notices if (plan := _plan(notice))]


def _plan(notice: str) -> str:
    """Return the plan in a notice: what follows the text of the query, without estimates."""
    _, _, told = notice.partition("plan:\n")
    lines = told.splitlines()
    begins = next((at for at, line in enumerate(lines) if "(cost=" in line), len(lines))
    return "\n".join(_NUMBERS.sub("", line) for line in lines[begins:] if not _FOLDED.match(line))


def page(
    database: Database,
    statements: dict[str, tuple[str, dict[str, Any]]],
    taken: dict[str, float],
    many: int,
    days: int,
) -> str:
    """Return the page with the time `taken` by each statement and its plans."""
    parts = [HEAD.format(many=many, days=days), "| | statement | ms |", "| --- | --- | ---: |"]
    for what, (statement, _) in statements.items():
        parts.append(f"| [{what}](#{what.replace(' ', '-')}) | `{statement}` | {taken[what]:.2f} |")
    for what, (statement, values) in statements.items():
        told = "\n\n".join(dict.fromkeys(plans(database, statement, values)))
        parts.append(f"\n## {what}\n\n```\n{told}\n```")
    return "\n".join(parts) + "\n"
