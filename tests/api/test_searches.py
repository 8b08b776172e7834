"""Filters and pages of predictions, compared with the same done in plain Python."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api._actions import LEVELS, SEVERITIES
from tests.api.conftest import Ask
from tests.api.test_answers import every_log

SEARCHES = st.fixed_dictionaries(
    {},
    optional={
        "source": st.sampled_from(["nginx", "sshd", "nobody"]),
        "level": st.lists(st.sampled_from(LEVELS), min_size=1, max_size=3),
        "severity": st.lists(st.sampled_from(SEVERITIES), min_size=1, max_size=2),
        "anomaly": st.booleans(),
        "template_id": st.sampled_from([1003, 1012, 9223372036854775807, 5]),
        "trace_id": st.sampled_from(["trace-10", "trace-299", "nowhere"]),
        "q": st.sampled_from(["USER29", "raw message", "<script>", "100%", "_", "nowhere"]),
        "since": st.integers(0, 2999),
        "until": st.integers(0, 2999),
    },
)


@pytest.fixture
def everything(ask: Ask) -> list[dict[str, Any]]:
    return every_log(ask)


def test_pages_of_any_length_are_the_whole_in_order(
    ask: Ask, everything: list[dict[str, Any]]
) -> None:
    keys = [(row["logged_at"], int(row["log_entry_id"])) for row in everything]
    assert len(keys) == 3000
    assert keys == sorted(keys, reverse=True)
    assert everything == every_log(ask, "analyze?limit=499")
    few = every_log(ask, "anomalies?limit=7")
    assert few == ask("anomalies?limit=500").json["data"]["items"]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(search=SEARCHES, limit=st.integers(1, 200), look=st.sampled_from([100, 700, 20_000]))
def test_any_search_finds_what_a_loop_finds(
    ask: Ask, everything: list[dict[str, Any]], search: dict[str, Any], limit: int, look: int
) -> None:
    for end in ("since", "until"):
        if end in search:
            search = search | {end: everything[search[end]]["logged_at"]}
    expected = [row for row in everything if fits(row, search)]
    limit = max(limit, len(expected) // 50)  # short pages of many rows have a test of their own
    path = f"analyze?{query(search)}&limit={limit}&look={look}"
    reply = ask(path)
    assert reply.status == 200, reply.text
    if look >= len(everything):
        assert reply.json["data"]["items"] == expected[:limit]
    assert every_log(ask, path) == expected


def fits(row: dict[str, Any], search: dict[str, Any]) -> bool:
    return (
        row["source"] == search.get("source", row["source"])
        and row["predicted_level"] in search.get("level", LEVELS)
        and row["severity"] in search.get("severity", SEVERITIES)
        and row["is_anomaly"] == search.get("anomaly", row["is_anomaly"])
        and row["template_id"] == str(search.get("template_id", row["template_id"]))
        and row["trace_id"] == search.get("trace_id", row["trace_id"])
        and search.get("q", "").lower() in row["message"].lower()
        and search.get("since", "") <= row["logged_at"] < search.get("until", "9")
    )


def query(search: dict[str, Any]) -> str:
    words = {
        name: ",".join(value) if isinstance(value, list) else str(value).replace("True", "true")
        for name, value in search.items()
    }
    return urlencode({name: value.replace("False", "false") for name, value in words.items()})
