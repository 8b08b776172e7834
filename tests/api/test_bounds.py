"""However rare what is asked for, one request does a bounded piece of work."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from api import _connections
from local import postgres
from sql.database import connect
from tests.api.conftest import SCORED, Ask
from tests.api.test_answers import items

HERE = Path(__file__).parent
Change = Callable[[str], None]
OTHERS = ["100001", "125000", "144999"]


@pytest.fixture
def changed(
    ask: Ask, postgres_server: postgres.Server, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Change]:
    """Let the function read a copy of the database, changed by one of our files."""
    name = "changed_for_api"
    postgres_server.create_database(name, SCORED)

    def change(file: str) -> None:
        database = connect(postgres_server.url(name))
        with database.transaction():
            database.run_text((HERE / file).read_text(encoding="utf-8"))
        database.close()
        monkeypatch.setenv("DATABASE_URL", postgres_server.url(name, "logkiln_reader"))

    yield change
    _connections.forget()
    postgres_server.drop_database(name)


@pytest.fixture
def ask_many(ask: Ask, changed: Change) -> Ask:
    """The function over the same logs and 45,000 more."""
    changed("many.sql")
    return ask


def pages(ask: Ask, path: str) -> list[list[dict[str, Any]]]:
    found = []
    page = path
    while page:
        data = ask(page).json["data"]
        found.append(data["items"])
        page = f"{path}&before={data['next']}" if data["next"] else ""
    return found


def test_a_rare_log_is_found_in_several_short_pages(ask_many: Ask) -> None:
    for search in ("template_id=1001", "source=postgresql"):
        found = pages(ask_many, f"analyze?limit=500&look=2000&{search}")
        assert [row["log_entry_id"] for page in found for row in page][-3:] == OTHERS
        assert len(found) > 2


def test_what_is_not_there_ends_with_no_next(ask_many: Ask) -> None:
    # By the rollups there is no such source, and no such level in it: nothing is looked at.
    for search in ("source=nobody", "template_id=5", "source=sshd&level=TRACE", "model_id=7"):
        assert pages(ask_many, f"analyze?{search}") == [[]]
    # No rollup knows of texts: 48,000 logs, 20,000 a request.
    assert pages(ask_many, "analyze?q=nowhere&look=20000") == [[], [], []]


def test_anomalies_go_on_below_the_thousand_of_their_view(ask_many: Ask) -> None:
    assert len(list(chain(*pages(ask_many, "anomalies?limit=500")))) == 31 + 1500
    for anomalies, analyze in (
        ("limit=300", "limit=300"),
        ("limit=500&severity=high", "severity=high,critical"),
        ("source=nginx", "limit=500&source=nginx"),
        ("source=postgresql", "source=postgresql"),
    ):
        found = list(chain(*pages(ask_many, f"anomalies?{anomalies}")))
        assert {row.pop("count_template_logs") is None for row in found} == {False}
        expected = list(chain(*pages(ask_many, f"analyze?anomaly=true&{analyze}")))
        assert [row["log_entry_id"] for row in found] == [row["log_entry_id"] for row in expected]
        for row, same in zip(found, expected, strict=True):
            assert row.items() <= same.items()


def test_the_lines_of_a_trace_are_found_at_once(ask_many: Ask) -> None:
    traces = items(ask_many, "traces?limit=500")
    assert all(trace["sources"] and trace["first_template_text"] for trace in traces)
    for trace in (traces[0], *traces[-2:]):
        [lines] = pages(ask_many, f"analyze?look=100&{urlencode({'trace_id': trace['trace_id']})}")
        assert len(lines) == trace["count_logs"]
        assert {line["source"] for line in lines} == set(trace["sources"])
        assert (lines[-1]["logged_at"], lines[0]["logged_at"]) == (
            trace["first_logged_at"],
            trace["last_logged_at"],
        )


def test_neighbours_are_looked_for_within_a_day(ask_many: Ask) -> None:
    found = chain(*pages(ask_many, "analyze?template_id=1001&look=20000"))
    [at] = [row["logged_at"] for row in found if row["log_entry_id"] == "125000"]
    unknown = ask_many("log?id=125000")  # the log itself is deleted, and with it its time
    assert (unknown.status, "give its time in `at`" in unknown.text) == (404, True)
    lonely = ask_many(f"log?id=125000&at={at}&around=5").json["data"]
    assert lonely["log"]["source"] == "postgresql"
    assert [row["log_entry_id"] for row in lonely["before"]] == ["144999"]
    assert [row["log_entry_id"] for row in lonely["after"]] == []


def test_a_template_surges_against_its_own_past_or_none(ask: Ask, changed: Change) -> None:
    assert ask("patterns?kind=surging").json["data"]["items"] == []
    _connections.forget()
    changed("surge.sql")
    surging = ask("patterns?kind=surging").json["data"]["items"]
    assert [row["template_id"] for row in surging] == ["1004", "1003"]
    assert all(row["count_recent"] > 3 * row["expected_logs"] for row in surging)
    assert [row["count_logs_by_hour"][-1] >= 500 for row in surging] == [True, True]
    new = ask("patterns?kind=new").json["data"]["items"]
    assert [row["template_id"] for row in new] == ["1004"]
    assert ask("patterns?kind=surging&source=sshd").json["data"]["items"] == []


def test_what_came_every_hour_and_stopped_has_vanished(ask: Ask, changed: Change) -> None:
    assert ask("patterns?kind=vanished").json["data"]["items"] == []
    _connections.forget()
    changed("vanish.sql")
    [vanished] = ask("patterns?kind=vanished").json["data"]["items"]
    assert vanished["template_id"] == "1003"
    assert vanished["silent_hours"] > 10 > vanished["usual_gap_hours"]


def test_logs_without_an_end_of_time_stop_no_search(ask: Ask, changed: Change) -> None:
    changed("infinite.sql")
    found = [row["log_entry_id"] for page in pages(ask, "analyze?limit=500") for row in page]
    assert found[:3] == ["900003", "900002", "900001"] == found[-3:]
    assert len(found) == 3006
    assert ask("analyze?limit=1").json["data"]["next"] == "999999999999999999~900003"
