"""What people say: kept by one call, taken back by its id, by nobody without the scope."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from api import _connections
from local import postgres
from sql.database import Database, connect
from sql.errors import Unreachable
from tests.api.conftest import SCORED, TOKENS, Ask, Reply, asker

NAMED = TOKENS + ", ada:read+raw+write:adas"


@pytest.fixture
def ask(
    scored_url: str,
    postgres_server: postgres.Server,
    no_connections: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Ask]:
    """Ask the function over a database of the test's own, which may be written."""
    postgres_server.create_database("judged", SCORED)
    monkeypatch.setenv("DATABASE_URL", postgres_server.url("judged", "logkiln_reader"))
    monkeypatch.setenv("WRITER_DATABASE_URL", postgres_server.url("judged", "logkiln_writer"))
    monkeypatch.setenv("API_TOKEN", NAMED)
    yield asker()
    _connections.forget()
    postgres_server.drop_database("judged")


def say(ask: Ask, action: str, token: str = "adas", /, **fields: Any) -> Reply:
    body = json.dumps(fields).encode()
    return ask(action, token, "POST", body, Content_Type="application/json; charset=utf-8")


def held(ask: Ask, action: str) -> list[dict[str, Any]]:
    reply = ask(action, "adas")
    assert reply.headers["Cache-Control"] == "no-store"
    assert "ETag" not in reply.headers
    return list(reply.json["data"]["items"])


@pytest.fixture
def log(ask: Ask) -> dict[str, Any]:
    found: dict[str, Any] = ask("anomalies?limit=1").json["data"]["items"][0]
    return {"id": found["log_entry_id"], "at": found["logged_at"]} | {
        "template_id": found["template_id"]
    }


def test_a_verdict_on_a_log_is_kept_with_who_said_it_and_taken_back(
    ask: Ask, log: dict[str, Any]
) -> None:
    reply = say(ask, "feedback", id=log["id"], at=log["at"], verdict="false_alarm", note="planned")
    assert (reply.status, reply.headers["Cache-Control"]) == (200, "no-store")
    [kept] = held(ask, "feedback")
    assert reply.json == {
        "action": "feedback",
        "data": {"feedback_id": kept["feedback_id"], "is_held": True},
    }
    assert (kept["log_entry_id"], kept["logged_at"]) == (log["id"], log["at"])
    assert kept["template_id"] == log["template_id"]
    said = (kept["verdict"], kept["note"], kept["created_by"])
    assert said == ("false_alarm", "planned", "ada")
    undone = say(ask, "feedback", revoke=kept["feedback_id"])
    assert undone.json["data"] == {"feedback_id": kept["feedback_id"], "is_held": False}
    assert held(ask, "feedback") == []
    again = say(ask, "feedback", revoke=str(kept["feedback_id"]))
    assert again.status == 404
    assert "that still holds" in again.json["detail"]


def test_the_same_verdict_is_kept_once_and_the_contrary_takes_its_place(
    ask: Ask, log: dict[str, Any]
) -> None:
    place = {"id": log["id"], "at": log["at"]}
    first = say(ask, "feedback", **place, verdict="confirmed").json["data"]["feedback_id"]
    second = say(ask, "feedback", **place, verdict="confirmed").json["data"]["feedback_id"]
    assert second == first
    say(ask, "feedback", **place, verdict="false_alarm")
    assert [row["verdict"] for row in held(ask, "feedback")] == ["false_alarm"]
    say(ask, "feedback", "everything", **place, verdict="confirmed")
    assert {row["created_by"] for row in held(ask, "feedback")} == {"ada", "token 1"}


def test_a_verdict_on_a_whole_template(ask: Ask, log: dict[str, Any]) -> None:
    say(ask, "feedback", template_id=log["template_id"], verdict="confirmed")
    [kept] = held(ask, f"feedback?template_id={log['template_id']}")
    assert (kept["log_entry_id"], kept["template_id"]) == (None, log["template_id"])
    assert held(ask, "feedback?template_id=1") == []


def test_a_mute_is_made_and_ended(ask: Ask, log: dict[str, Any]) -> None:
    made = say(ask, "mute", template_id=log["template_id"], hours=2, reason="known")
    [kept] = held(ask, "mute")
    assert made.json["data"] == {"mute_id": kept["mute_id"], "is_held": True}
    assert (kept["template_id"], kept["reason"]) == (log["template_id"], "known")
    assert kept["muted_until"] > kept["created_at"]
    assert say(ask, "mute", source="sshd").status == 200
    assert [row["source"] for row in held(ask, "mute") if row["template_id"] is None] == ["sshd"]
    for row in held(ask, "mute"):
        assert say(ask, "mute", revoke=row["mute_id"]).json["data"]["is_held"] is False
    assert held(ask, "mute") == []


@pytest.mark.parametrize(
    ("action", "fields", "status", "said"),
    [
        ("feedback", {}, 400, "verdict is missing; expected one of confirmed, false_alarm."),
        ("feedback", {"verdict": "confirmed"}, 400, "One of id, template_id is missing."),
        ("feedback", {"verdict": "no", "template_id": 1}, 400, "verdict is 'no'; expected one of"),
        ("feedback", {"verdict": "confirmed", "id": 1}, 400, "at is missing: a log is found by"),
        ("feedback", {"verdict": "confirmed", "template_id": 1}, 404, "no such template"),
        (
            "feedback",
            {"verdict": "confirmed", "id": 1, "at": "2001-01-01"},
            404,
            "no such log with a prediction",
        ),
        ("feedback", {"verdict": ["confirmed"]}, 400, "'verdict' is no text and no whole number"),
        ("feedback", {"verdict": True}, 400, "'verdict' is no text and no whole number"),
        ("feedback", {"verdict": "\ud800"}, 400, "'verdict' holds what cannot be written as text"),
        ("feedback", {"revoke": 1, "verdict": "confirmed"}, 400, "'verdict' is no parameter here"),
        ("feedback", {"revoke": "x"}, 400, "revoke is 'x'; expected a whole number of 64 bits."),
        ("feedback", {"revoke": 2**64}, 400, "expected a whole number of 64 bits."),
        ("mute", {"hours": 3}, 400, "One of template_id, source is missing."),
        ("mute", {"hours": 0, "source": "sshd"}, 400, "expected a whole number from 1 to 8760."),
        ("mute", {"source": "nothing"}, 404, "There is no such source or template"),
        ("mute", {"source": "a\0b"}, 400, "expected text of at most 500 characters, without NUL."),
        ("mute", {"revoke": 77}, 404, "There is no mute_id 77 that still holds."),
    ],
)
def test_what_cannot_be_kept_is_told_why(
    ask: Ask, action: str, fields: dict[str, Any], status: int, said: str
) -> None:
    reply = say(ask, action, **fields)
    assert (reply.status, said in reply.json["detail"]) == (status, True), reply.text
    assert held(ask, action) == []


@pytest.mark.parametrize(
    ("body", "media_type", "said"),
    [
        (b"", "application/json", "The body is not JSON."),
        (b"\xff", "application/json", "The body is not JSON."),
        (b"[" * 10_000, "application/json", "The body is not JSON."),
        (b"[1]", "application/json", "not an object"),
        (b"{}" + b" " * 20_000, "application/json", "too long; expected at most 16,384 bytes."),
        (b"verdict=confirmed", "application/x-www-form-urlencoded", "expected application/json."),
    ],
)
def test_a_body_that_is_no_object_is_refused(
    ask: Ask, body: bytes, media_type: str, said: str
) -> None:
    reply = ask("feedback", "adas", "POST", body, Content_Type=media_type)
    assert reply.status == 400
    assert said in reply.json["detail"]


def test_only_the_scope_write_says_and_only_read_sees(ask: Ask, log: dict[str, Any]) -> None:
    fields = {"template_id": log["template_id"], "verdict": "confirmed", "note": "secret"}
    assert say(ask, "feedback", "reads-only", **fields).status == 403
    assert say(ask, "feedback", "nobody", **fields).status == 401
    assert say(ask, "feedback", "writes-only", **fields).status == 200
    assert ask("feedback", "writes-only").status == 403
    [seen] = ask("feedback", "reads-only").json["data"]["items"]
    assert (seen["created_by"], seen["note"]) == ("writer", None)


def test_only_what_can_be_said_takes_a_post(ask: Ask) -> None:
    assert ask("status", "adas", "POST").status == 405
    assert ask("feedback", "adas", "DELETE").headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert ask("mute", None, "OPTIONS").headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert ask("status", None, "OPTIONS").headers["Allow"] == "GET, HEAD, OPTIONS"
    assert "'x' is no parameter here" in ask("mute?x=1", "adas", "POST").json["detail"]


def test_without_an_address_to_write_to_it_says_what_to_set(
    ask: Ask, log: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WRITER_DATABASE_URL")
    reply = say(ask, "mute", template_id=log["template_id"])
    assert reply.status == 503
    assert "set WRITER_DATABASE_URL=postgresql://logkiln_writer:" in reply.json["detail"]
    assert held(ask, "mute") == []


def test_another_role_is_told_which_one_may(
    ask: Ask,
    log: dict[str, Any],
    postgres_server: postgres.Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = postgres_server.url("judged", "logkiln_reader")
    monkeypatch.setenv("WRITER_DATABASE_URL", address)
    reply = say(ask, "mute", template_id=log["template_id"])
    assert reply.status == 503
    assert "use logkiln_writer" in reply.json["detail"]


def test_the_writer_can_do_nothing_else(
    ask: Ask, postgres_server: postgres.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_server.url("judged", "logkiln_writer"))
    for action in ("status", "analyze", "feedback", "mute"):
        assert ask(action, "adas").status == 503


def test_what_is_said_is_never_sent_twice(
    ask: Ask, log: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    class Lost(Database):
        def row(self, name: str, /, **parameters: Any) -> dict[str, Any]:
            sent.append(name)
            super().row(name, **parameters)
            raise Unreachable("lost")

    def connected(url: str, application: str) -> Database:
        database = connect(url, application)
        return Lost(database._connection, database.schema)

    monkeypatch.setattr(_connections, "connect", connected)
    reply = say(ask, "mute", template_id=log["template_id"])
    assert sent == ["api_people.mute_for"]
    assert reply.status == 503
    assert "it may have been kept or not" in reply.json["detail"]
    assert "Retry-After" not in reply.headers
