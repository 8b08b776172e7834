"""Every query of the Grafana dashboard runs against the views, as the role that reads."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from api._components import COMPONENTS

DOCS = Path(__file__).parents[2] / "docs"
BOARD = json.loads((DOCS / "grafana-dashboard.json").read_text(encoding="utf-8"))
PAGE = (DOCS / "grafana.md").read_text(encoding="utf-8")
EMPTY = {
    *("Oldest log that waits", "Alerts", "New patterns", "Surging patterns", "Vanished patterns"),
    *("Outside the forecast", "Batches and lateness", "Traces that deviate"),
}
"""Panels that may show nothing of the test's three steady days."""


def queries(node: Any) -> Iterator[str]:
    """Find the SQL in the dashboard, wherever it stands."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "rawSql" or (key == "query" and str(value).startswith("select")):
                yield value
            else:
                yield from queries(value)
    elif isinstance(node, list):
        for value in node:
            yield from queries(value)


def filled(query: str) -> str:
    """Put in what Grafana puts in for its macros and our variable."""
    past = r"\1 between now() - interval '14 days' and now()"
    query = re.sub(r"\$__timeFilter\(([\w.]+)\)", past, query)
    return query.replace("$source", "'nginx', 'postgresql', 'sshd'")


def selected(url: str, query: str) -> tuple[list[str], list[Any]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(filled(query))
            return [column.name for column in cursor.description or ()], cursor.fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize("panel", BOARD["panels"], ids=lambda panel: str(panel["title"]))
def test_a_panel_shows_rows_of_the_views(scored_url: str, panel: dict[str, Any]) -> None:
    [target] = panel["targets"]
    columns, rows = selected(scored_url, target["rawSql"])
    assert rows or panel["title"] in EMPTY
    if target["format"] == "time_series":
        assert columns[0] == "time"


def test_every_query_runs_and_leaves_no_macro_behind(scored_url: str) -> None:
    found = [*queries(BOARD), *re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)]
    assert len(found) == len(BOARD["panels"]) + 4
    for query in found:
        assert "$" not in filled(query)
        selected(scored_url, query)


def test_every_view_that_it_reads_is_one_that_is_served() -> None:
    read = {name for query in queries(BOARD) for name in re.findall(r"\b(stats_\w+)\b", query)}
    others = {f"stats_{kind}_templates" for kind in ("new", "rare", "surging", "vanished")}
    assert read <= COMPONENTS.keys() | others | {"stats_batch_steps"}


def test_panels_have_places_and_names_of_their_own() -> None:
    places = [tuple(panel["gridPos"].values()) for panel in BOARD["panels"]]
    assert len(set(places)) == len({panel["title"] for panel in BOARD["panels"]}) == len(places)
