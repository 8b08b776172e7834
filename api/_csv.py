"""The rows of an answer as CSV (RFC 4180)."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from api._actions import Action

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a text that begins so; https://owasp.org/www-community/attacks/CSV_Injection."""


def render(action: Action, row: dict[str, Any]) -> bytes:
    """Return the table of `action` with a line of column names, empty when there are no rows."""
    data = json.loads(row["data"])
    rows = data[action.table] if action.table else data
    if isinstance(rows, dict):
        rows = [{key: value for key, value in rows.items() if not isinstance(value, list)}]
    elif rows and "hours" in rows[0]:
        rows = [hour for source in rows for hour in _hours(source)]
    out = io.StringIO()
    if rows:
        writer = csv.writer(out)
        writer.writerow(rows[0])
        writer.writerows([_cell(value) for value in one.values()] for one in rows)
    return out.getvalue().encode()


def link(data: str, target: str) -> dict[str, str]:
    """Return the header that leads to the next page, which in JSON is `next`."""
    page = json.loads(data)
    if not isinstance(page, dict) or not page.get("next"):
        return {}
    path, _, asked = target.partition("?")
    query = dict(parse_qsl(asked)) | {"before": page["next"]}
    return {"Link": f'<{path}?{urlencode(query)}>; rel="next"'}


def _hours(source: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Unfold a source's columns of numbers into a row for each hour."""
    columns = [key for key in source if key.startswith("count_")]
    for hour, *counts in sorted(
        zip(source["hours"], *(source[key] for key in columns), strict=True)
    ):
        at = datetime.fromtimestamp(hour * 3600, UTC).isoformat().replace("+00:00", "Z")
        yield {"hour_at": at, "source": source["source"], **dict(zip(columns, counts, strict=True))}


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "\n".join(map(str, value))
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, str) and value.startswith(FORMULA) and not _is_number(value):
        return "'" + value
    return value


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isdecimal()
