"""What each action answers: its shape, its numbers, its order."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from api._actions import ACTIONS
from api._components import COMPONENTS
from tests.api.conftest import Ask

EXAMPLES = {"log": "log?id=1500"}
COUNTS = ("count_logs", "count_anomalies", "count_errors")
TABLES = [name for name, action in ACTIONS.items() if action.table is not None]


def items(ask: Ask, path: str) -> list[dict[str, Any]]:
    reply = ask(path)
    assert reply.status == 200, reply.text
    found = reply.json["data"]
    return list(found["items"] if isinstance(found, dict) else found)


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("token", ["everything", "reads-only"])
def test_each_action_answers_as_the_openapi_document_says(ask: Ask, name: str, token: str) -> None:
    document = ask("openapi.json").json
    reply = ask(EXAMPLES.get(name, name), token)
    assert reply.status == 200, reply.text
    content = document["paths"][f"/api/{name}"]["get"]["responses"]["200"]["content"]
    media_type = reply.headers["Content-Type"].partition(";")[0]
    schema = content[media_type]["schema"] | {"components": document["components"]}
    answer = reply.json if media_type == "application/json" else reply.text
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer)


def test_a_schema_names_columns_of_its_view_as_they_are_called_there(scored_url: str) -> None:
    views: dict[str, set[str]] = {}
    connection = psycopg2.connect(scored_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_name("columns.sql").read_text(encoding="utf-8"))
        for view, column in cursor:
            views.setdefault(view, set()).add(column)
    connection.close()
    assert COMPONENTS.keys() - views.keys() == {"pattern", "source_hours"}  # made of several rows
    for view in COMPONENTS.keys() & views.keys():
        assert set(COMPONENTS[view]["properties"]) <= views[view]


def test_all_totals_are_the_same_total(ask: Ask) -> None:
    stats = ask("stats").json["data"]
    assert stats["overview"]["count_predictions"] == 3000
    for part in ("levels", "severity", "sources"):
        assert sum(row["count_logs"] for row in stats[part]) == 3000
        assert sum(row["count_anomalies"] for row in stats[part]) == 31
    status = ask("status").json["data"]
    assert {key: status[key] for key in stats["overview"]} == stats["overview"]
    assert (status["levels"], status["severity"]) == (stats["levels"], stats["severity"])
    assert sum(row["count_logs"] for row in items(ask, "trends?hours=336")) == 3000
    assert sum(row["count_logs"] for row in items(ask, "patterns?limit=500")) == 3000
    assert items(ask, "sources") == stats["sources"]


def test_the_envelope_names_the_batch_and_its_time(ask: Ask) -> None:
    answer = ask("models").json
    assert (answer["action"], answer["batch_id"]) == ("models", 3)
    refreshed = datetime.fromisoformat(answer["refreshed_at"])
    assert answer["refreshed_at"].endswith("Z")
    assert datetime.now(refreshed.tzinfo) - refreshed < timedelta(minutes=30)


def test_trends_by_source_sum_to_trends(ask: Ask) -> None:
    by_source = items(ask, "trends?by=source")
    assert [row["source"] for row in by_source] == ["nginx", "postgresql", "sshd"]
    unfolded = {row["source"]: list(hours(row)) for row in by_source}
    summed: dict[str, int] = {}
    for hour_at, count_logs, *_ in chain(*unfolded.values()):
        summed[hour_at] = summed.get(hour_at, 0) + count_logs
    together = items(ask, "trends")
    assert {row["hour_at"]: row["count_logs"] for row in together} == summed
    assert {row["source"] for row in together} == {None}
    assert [row["hour_at"] for row in together] == sorted(summed)
    of_one = items(ask, "trends?source=sshd")
    assert {row["source"] for row in of_one} == {"sshd"}
    assert [tuple(row[key] for key in ("hour_at", *COUNTS)) for row in of_one] == unfolded["sshd"]
    [alone] = items(ask, "trends?source=sshd&by=source")
    assert list(hours(alone)) == unfolded["sshd"]
    table = ask("trends?by=source&format=csv").text.splitlines()
    assert table[0] == "hour_at,source,count_logs,count_anomalies,count_errors"
    assert len(table) == 1 + sum(len(row["hours"]) for row in by_source)


def hours(row: dict[str, Any]) -> Iterator[tuple[str, int, int, int]]:
    """Unfold the columns of a source's hours."""
    for hour, *counts in sorted(zip(*(row[key] for key in ("hours", *COUNTS)), strict=True)):
        yield f"{datetime.fromtimestamp(hour * 3600, UTC):%Y-%m-%dT%H:%M:%S.%fZ}", *counts


def test_trends_go_back_as_many_hours_as_asked(ask: Ask) -> None:
    assert len(items(ask, "trends?hours=1")) == 1
    assert len(items(ask, "trends?hours=24")) == 24


def test_anomalies_of_a_minimum_severity(ask: Ask) -> None:
    everything = items(ask, "anomalies?limit=500")
    assert len(everything) == 31
    severe = items(ask, "anomalies?limit=500&severity=high")
    assert severe == [row for row in everything if row["severity"] in ("high", "critical")]
    of_one = items(ask, "anomalies?source=sshd")
    assert of_one == [row for row in everything if row["source"] == "sshd"] != []


def test_reasons_are_a_list(ask: Ask) -> None:
    anomalous = items(ask, "analyze?anomaly=true&limit=1")[0]
    assert anomalous["reasons"] == ["new pattern", "burst: 40 times its usual rate"]
    assert items(ask, "analyze?anomaly=false&limit=1")[0]["reasons"] == []


def test_identifiers_of_64_bits_survive_and_find_their_logs(ask: Ask) -> None:
    identifiers = {row["template_id"] for row in items(ask, "patterns?limit=500")}
    assert {"9223372036854775807", "-9007199254740993"} <= identifiers
    for template_id in ("9223372036854775807", "-9007199254740993"):
        logs = items(ask, f"analyze?template_id={template_id}&limit=500")
        assert {row["template_id"] for row in logs} == {template_id}


def test_patterns_are_ordered_by_what_is_asked(ask: Ask) -> None:
    top = [row["count_logs"] for row in items(ask, "patterns")]
    assert top == sorted(top, reverse=True)
    rare = [row["count_logs"] for row in items(ask, "patterns?kind=rare")]
    assert rare == sorted(rare) != []
    assert len(items(ask, "patterns?limit=3&source=nginx")) == 3
    assert [row["text"] for row in items(ask, "patterns?q=TEMPLATE 7 ")] == [
        "template 7 took <num> ms"
    ]
    assert items(ask, "patterns?kind=new") == []  # all were first seen three days ago


def test_a_pattern_comes_with_its_last_24_hours(ask: Ask) -> None:
    rows = items(ask, "patterns?limit=500")
    by_hour = [sum(hour) for hour in zip(*(row["count_logs_by_hour"] for row in rows), strict=True)]
    trend = [row["count_logs"] for row in items(ask, "trends?hours=24")]
    assert by_hour[-len(trend) :] == trend


def test_the_logs_of_one_batch_or_model(ask: Ask) -> None:
    of_batch = every_log(ask, "analyze?limit=500&batch_id=3")
    assert len(of_batch) == 1000
    assert {row["batch_id"] for row in of_batch} == {3}
    assert len(every_log(ask, "analyze?limit=500&model_id=1")) == 3000
    assert items(ask, "analyze?model_id=2") == []


def test_levels_and_days_sum_to_the_whole(ask: Ask) -> None:
    for path in ("declared?limit=500", "daily?limit=500"):
        rows = items(ask, path)
        assert sum(row["count_logs"] for row in rows) == 3000
        of_one = items(ask, f"{path}&source=sshd")
        assert of_one == [row for row in rows if row["source"] == "sshd"]


def test_freshness_is_of_this_moment(ask: Ask) -> None:
    reply = ask("freshness")
    fresh = reply.json["data"]
    assert (fresh["last_batch_id"], fresh["oldest_unscored_at"]) == (3, None)
    assert 240 <= fresh["seconds_since_batch"] < 1800
    assert reply.headers["Cache-Control"] == "no-store"
    assert "ETag" not in reply.headers


def test_a_log_comes_with_its_neighbours_of_the_same_source(ask: Ask) -> None:
    logs = [row for row in every_log(ask) if row["source"] == "sshd"][::-1]
    place = len(logs) // 2
    chosen = logs[place]
    for at in ("", f"&at={chosen['logged_at']}"):
        data = ask(f"log?id={chosen['log_entry_id']}{at}&around=4").json["data"]
        assert data["log"] == chosen
        assert data["before"] == logs[place - 4 : place]
        assert data["after"] == logs[place + 1 : place + 5]
    alone = ask(f"log?id={logs[0]['log_entry_id']}&around=0").json["data"]
    assert (alone["log"], alone["before"], alone["after"]) == (logs[0], [], [])


def test_a_log_that_is_not_there_is_not_found(ask: Ask) -> None:
    for path in ("log?id=999999", "log?id=-1", "log?id=1&at=2001-01-01T00:00:00Z"):
        assert ask(path).status == 404


def test_a_hostile_message_arrives_as_it_was_written(ask: Ask) -> None:
    data = ask("log?id=2999").json["data"]["log"]
    assert data["message"].startswith('<script>alert(1)</script> "quoted" \\back\t\x1b[31m')
    assert data["message"].endswith("\u2028\U0001f600")


def test_a_batch_that_failed_says_why(ask: Ask) -> None:
    newest, failed, oldest = items(ask, "batches")
    assert (newest["batch_id"], oldest["batch_id"]) == (3, 1)
    assert failed["error"] == "invalid input: password=hunter2 on line 7"
    assert newest["step_seconds"] == {"read": 0.2, "infer": 0.9}
    assert [row["batch_id"] for row in items(ask, "drift")] == [3, 1]
    assert len(items(ask, "batches?limit=1")) == 1


def test_alerts_come_with_the_number_of_those_left_out_since(ask: Ask) -> None:
    told = {
        path: ask(path).json["data"] for path in ("alerts", "alerts?limit=1", "alerts?source=x")
    }
    assert [row["batch_id"] for row in told["alerts"]["items"]] == [3, 1]
    assert [data["count_left_out"] for data in told.values()] == [10 + 20 + 30, 30, 0]
    assert [row["count_alerts_left_out"] for row in items(ask, "batches")] == [30, 20, 10]


def test_the_forecast_is_24_hours_of_each_source(ask: Ask) -> None:
    rows = items(ask, "forecast")
    assert len(rows) == 3 * 24
    assert all(row["low_logs"] <= row["expected_logs"] <= row["high_logs"] for row in rows)
    of_one = items(ask, "forecast?source=nginx")
    assert of_one == [row for row in rows if row["source"] == "nginx"]


def test_a_declared_level_that_does_not_fit_is_found(ask: Ask) -> None:
    rows = items(ask, "mislabelled")
    assert rows
    assert all(row["declared_level"] != row["predicted_level"] for row in rows)
    counts = [row["count_logs"] for row in rows]
    assert counts == sorted(counts, reverse=True)


def every_log(ask: Ask, path: str = "analyze?limit=500") -> list[dict[str, Any]]:
    """Follow `next` to the end."""
    found: list[dict[str, Any]] = []
    page = path
    while page:
        data = ask(page).json["data"]
        found += data["items"]
        page = f"{path}&before={data['next']}" if data["next"] else ""
    return found
