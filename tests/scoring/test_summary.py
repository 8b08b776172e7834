"""What a batch did, told to people and to a workflow's page that others' names must not deface."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.summary import MOST_SOURCES, NOTHING, lines, markdown, plain, rehearsed

FOUND: list[dict[str, Any]] = [
    {"severity": "critical", "source": "payments", "count_logs": 1200},
    {"severity": "high", "source": "nginx-access", "count_logs": 3},
    {"severity": "high", "source": "shop", "count_logs": 2},
]
ROW: dict[str, Any] = {
    "batch_id": 7,
    "count_logs": 1_234_567,
    "count_anomalies": 1205,
    "anomalies": FOUND,
    "count_new_templates": 10,
    "count_set_aside": 0,
    "set_aside": {},
    "step_seconds": {"read": 1.25, "infer": 0.5},
    "seconds": 4.2,
}
ALERTS: list[dict[str, Any]] = [{"rule": "severe anomalies", "count_alerts": 2}]
DRY: dict[str, Any] = {
    "count_logs": 2000,
    "count_anomalies": 1205,
    "anomalies": FOUND,
    "count_set_aside": 0,
    "set_aside": {},
    "would_alert": [
        {"rule": "ours", "severity": "high", "source": "shop", "template": "glacier <*> melted"}
    ],
}


def test_people_get_counts_and_where_the_time_went() -> None:
    said = "\n".join(lines(ROW))
    assert "batch 7: 1,234,567 logs scored, 1,205 anomalies (1,200 critical, 5 high), " in said
    assert "10 new templates in 4.2 s" in said
    assert "read 1.25 s, infer 0.50 s" in said
    assert "substitute" not in said


def test_a_workflow_gets_a_table_the_slowest_step_alerts_and_a_link() -> None:
    said = markdown(ROW, ALERTS, "https://logs.example/")
    assert "1,234,567 logs scored" in said
    assert "Slowest step: read, 1.2 s" in said
    assert "| critical | `payments` | 1,200 |" in said
    assert "| high | `nginx-access` | 3 |" in said
    assert "New alerts by rule: `severe anomalies` 2." in said
    assert "(https://logs.example/)" in said


def test_without_anomalies_alerts_or_a_page_it_says_so() -> None:
    said = markdown(ROW | {"count_anomalies": 0, "anomalies": []}, [], "")
    assert "0 anomalies, " in said
    assert "No rule had anything to tell that is new." in said
    assert "](" not in said
    assert "|" not in said
    assert "prediction" in NOTHING


def test_logs_that_were_set_aside_are_told_with_their_reasons() -> None:
    row = ROW | {"count_set_aside": 9, "set_aside": {"no number from a model": {"count": 9}}}
    for said in (markdown(row, [], ""), "\n".join(lines(row)), rehearsed(DRY | row, "")):
        assert "9 logs were scored under a substitute (no number from a model: 9)" in said


def test_a_table_that_is_cut_still_sums_up_to_the_whole() -> None:
    many = [
        {"severity": "low", "source": f"app-{number}", "count_logs": number} for number in range(30)
    ]
    said = markdown(ROW | {"anomalies": many}, [], "")
    table = [line.split("|") for line in said.splitlines() if line.startswith("| ")][2:]
    assert len(table) == MOST_SOURCES + 1
    assert sum(int(cells[3]) for cells in table) == sum(range(30))
    assert table[-1][2].strip() == "10 more"


def test_a_rehearsal_says_what_would_be_told() -> None:
    said = rehearsed(DRY, "https://logs.example/")
    assert "2,000 logs would be scored, 1,205 anomalies (1,200 critical, 5 high)" in said
    assert "| critical | `payments` | 1,200 |" in said
    assert "| `ours` | high | `shop` | `glacier ··· melted` |" in said
    assert "(https://logs.example/)" in said
    assert "nothing new" in rehearsed(DRY | {"would_alert": []}, "")
    assert rehearsed(DRY | {"count_logs": 0}, "") == NOTHING


@given(st.text(max_size=100))
def test_any_source_is_one_cell_of_plain_text(source: str) -> None:
    shown = plain(source)
    assert shown[0] == shown[-1] == "`"
    assert not set(shown[1:-1]) & set("`|<>&\n\r[]()*\\!\"'\x1b\u202e\u2028")
    found = [{"severity": "high", "source": source, "count_logs": 1}]
    said = markdown(ROW | {"anomalies": found}, [], "")
    table = [line for line in said.splitlines() if line.startswith("|")]
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
    found = [{"severity": "high", "source": source, "count_logs": 1}]
    told = [{"rule": source, "severity": "high", "source": source, "template": source}]
    said = markdown(ROW | {"anomalies": found}, [{"rule": source, "count_alerts": 1}], "")
    said += rehearsed(DRY | {"would_alert": told}, "")
    assert source not in said
    assert "](" not in said
    assert max(map(len, said.splitlines())) < 300
