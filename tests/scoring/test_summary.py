"""What a batch did, told to people and to a workflow's page that others' names must not deface."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.summary import NOTHING, lines, markdown, plain

STARTED = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
ROW: dict[str, Any] = {
    "batch_id": 7,
    "count_logs": 1_234_567,
    "count_anomalies": 89,
    "count_new_templates": 10,
    "count_set_aside": 0,
    "set_aside": {},
    "step_seconds": {"read": 1.25, "infer": 0.5},
    "started_at": STARTED,
    "finished_at": STARTED + timedelta(seconds=4.2),
}
FOUND: list[dict[str, Any]] = [
    {"severity": "critical", "source": "payments", "count_logs": 1200},
    {"severity": "high", "source": "nginx-access", "count_logs": 3},
]


def test_people_get_counts_and_where_the_time_went() -> None:
    said = "\n".join(lines(ROW))
    assert "batch 7: 1,234,567 logs scored, 89 anomalies, 10 new templates in 4.2 s" in said
    assert "read 1.25 s, infer 0.50 s" in said


def test_a_workflow_gets_a_table_the_slowest_step_and_a_link() -> None:
    said = markdown(ROW, FOUND, "https://logs.example/")
    assert "1,234,567 logs scored" in said
    assert "Slowest step: read" in said
    assert "| critical | `payments` | 1,200 |" in said
    assert "| high | `nginx-access` | 3 |" in said
    assert "(https://logs.example/)" in said


def test_without_anomalies_or_a_page_it_says_so() -> None:
    said = markdown(ROW, [], "")
    assert "Nothing severe" in said
    assert "](" not in said
    assert "|" not in said
    assert "prediction" in NOTHING


@given(st.text(max_size=100))
def test_any_source_is_one_cell_of_plain_text(source: str) -> None:
    shown = plain(source)
    assert shown[0] == shown[-1] == "`"
    assert not set(shown[1:-1]) & set("`|<>&\n\r[]()*\\!\"'\x1b\u202e\u2028")
    found = [{"severity": "high", "source": source, "count_logs": 1}]
    table = [line for line in markdown(ROW, found, "").splitlines() if line.startswith("|")]
    assert len(table) == 3
    assert all(line.count("|") == 4 for line in table)


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "[click](https://evil.example)",
        "`code` | cell\n# heading",
        "![x](javascript:1)",
        "x" * 10_000,
    ],
)
def test_hostile_sources_say_nothing(source: str) -> None:
    said = markdown(ROW, [{"severity": "high", "source": source, "count_logs": 1}], "")
    assert source not in said
    assert "](" not in said
    assert max(map(len, said.splitlines())) < 200
