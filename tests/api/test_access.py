"""Who is let in, and what they may see."""

from pathlib import Path

import pytest

from api import _access
from api._actions import ACTIONS
from tests.api.conftest import Ask

SECRETS = ("raw message", "example.org", "hunter2", "trace-", "secret", "<script>", "long long")
EXAMPLES = {"log": "log?id=2999"}
GUARDED = [name for name in ACTIONS if name != "health"]


@pytest.mark.parametrize("name", GUARDED)
def test_no_token_no_answer(ask: Ask, name: str) -> None:
    for token in (None, "", "wrong", "everything2", "everythin", "é"):
        reply = ask(name, token)
        assert reply.status == 401
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.json["detail"].endswith("`Authorization: Bearer TOKEN`.")


@pytest.mark.parametrize("name", GUARDED)
@pytest.mark.parametrize("configured", ["", " , "])
def test_without_any_token_set_the_function_refuses_and_says_what_to_do(
    ask: Ask, name: str, configured: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_TOKEN", configured)
    reply = ask(name, "")
    assert reply.status == 503
    assert "set API_TOKEN" in reply.json["detail"]


def test_another_scheme_is_no_token(ask: Ask) -> None:
    assert ask("status", None, Authorization="Basic everything").status == 401
    assert ask("status", None, Authorization="bearer everything").status == 200


def test_health_needs_no_token_and_tells_no_secret(ask: Ask) -> None:
    for token in (None, "wrong"):
        reply = ask("health", token)
        assert reply.status == 200
        assert reply.json.keys() == {"status", "last_batch_finished_at", "refreshed_at"}
        assert reply.json["status"] == "ok"


@pytest.mark.parametrize("name", GUARDED)
@pytest.mark.parametrize("form", ["", "format=csv"])
def test_without_the_scope_raw_nothing_of_a_message_is_shown(
    ask: Ask, name: str, form: str
) -> None:
    path = EXAMPLES.get(name, name)
    if form and ACTIONS[name].table is not None:
        path += f"?{form}"
    masked = ask(path, "reads-only")
    assert masked.status == 200
    assert not [secret for secret in SECRETS if secret in masked.text]


def test_what_is_masked_is_there_with_the_scope_raw(ask: Ask) -> None:
    together = "".join(ask(path).text for path in ("analyze?limit=500", "log?id=2999", "batches"))
    assert [secret for secret in SECRETS if secret not in together] == []


def test_without_the_scope_raw_a_search_looks_at_templates_only(ask: Ask) -> None:
    for word, in_message in (("user29", True), ("template 1", False)):
        seen = ask(f"analyze?q={word.replace(' ', '+')}").json["data"]["items"]
        masked = ask(f"analyze?q={word.replace(' ', '+')}", "reads-only").json["data"]["items"]
        assert bool(seen) == in_message
        assert bool(masked) != in_message


def test_without_the_scope_raw_nobody_asks_for_a_trace(ask: Ask) -> None:
    assert len(ask("analyze?trace_id=trace-10").json["data"]["items"]) == 2
    for trace in ("trace-10", "nowhere"):
        reply = ask(f"analyze?trace_id={trace}", "reads-only")
        assert (reply.status, "this needs raw" in reply.json["detail"]) == (403, True)


def test_an_answer_for_one_scope_is_not_one_for_the_other(ask: Ask) -> None:
    tag = ask("anomalies").headers["ETag"]
    assert ask("anomalies", If_None_Match=tag).status == 304
    assert ask("anomalies", "reads-only", If_None_Match=tag).status == 200


def test_a_token_that_may_only_write_reads_nothing(ask: Ask) -> None:
    reply = ask("status", "writes-only")
    assert reply.status == 403
    assert "'writer' has the scopes write; this needs read" in reply.json["detail"]


@pytest.mark.parametrize(
    "entry", ["name:read", "name:nothing:token", ":read:token", "name::token", "name:read:"]
)
def test_a_token_that_cannot_be_read_is_refused_without_being_shown(
    ask: Ask, entry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_TOKEN", f"fine,{entry}")
    for token in ("fine", "token"):
        reply = ask("status", token)
        assert reply.status == 503
        assert "entry 2 is not TOKEN or NAME:SCOPES:TOKEN" in reply.json["detail"]
        assert "name" not in reply.json["detail"]


def test_every_token_is_compared_even_after_one_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def compare(known: bytes, given: bytes) -> bool:
        compared.append(known)
        return known == given

    monkeypatch.setattr(_access, "compare_digest", compare)
    monkeypatch.setenv("API_TOKEN", "one two three")
    assert _access.caller("Bearer one").name == "token 1"
    assert compared == [b"one", b"two", b"three"]


def test_the_function_imports_no_driver_but_through_sql() -> None:
    for file in Path(_access.__file__).parent.glob("*.py"):
        assert "psycopg2" not in file.read_text(encoding="utf-8")
