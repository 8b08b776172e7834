"""HTTP as clients expect it: methods, errors, caching, compression, CSV, other origins."""

import csv
import http.client
import io
import json
import socket
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import pytest

from api import _connections
from api._actions import ACTIONS
from api.ml_lightweight import handler
from tests.api.conftest import Ask

TOKEN = {"Authorization": "Bearer everything"}


class Quiet(handler):
    """The function without its log of requests."""

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def port(ask: Ask) -> Iterator[int]:
    """The function behind the server class that the host uses, too."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def client(port: int) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    yield connection
    connection.close()


def test_both_addresses_of_an_action_answer_the_same(ask: Ask) -> None:
    for action in ("status", "models", "sources"):
        assert ask(f"ml_lightweight?action={action}").json == ask(action).json
    assert ask("stats?action=stats").json == ask("stats").json  # as the rewrite sends it


def test_an_unknown_action_is_told_the_known_ones(ask: Ask) -> None:
    for path in ("nothing", "ml_lightweight?action=nothing", "ml_lightweight", "a/b", ""):
        reply = ask(path)
        assert reply.status == 404
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert all(name in reply.json["detail"] for name in ACTIONS)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("analyze?limit=0", "limit is '0'; expected a whole number from 1 to 500."),
        ("analyze?limit=1_0", "limit is '1_0'; expected a whole number from 1 to 500."),
        ("analyze?limit=٣", "limit is '٣'; expected a whole number from 1 to 500."),
        ("analyze?level=ERROR,LOUD", "level is 'ERROR,LOUD'; expected one or several of TRACE"),
        ("analyze?anomaly=yes", "anomaly is 'yes'; expected true or false."),
        ("analyze?since=yesterday", "since is 'yesterday'; expected a time such as 2026-01-31T"),
        ("analyze?since=0001-01-01T00:00:00%2B09:00", "since is '0001-01-01T00:00:00+09:00'"),
        ("analyze?before=1", "before is '1'; expected what `next` of the page before was."),
        ("analyze?template_id=9223372036854775808", "expected a whole number of 64 bits."),
        ("analyze?q=%00", "q is '\\x00'; expected text of at most 500 characters, without NUL."),
        ("analyze?q=" + "x" * 501, "expected text of at most 500 characters, without NUL."),
        ("analyze?q=%FF", "The query string is not UTF-8: encode it so."),
        ("analyze?limit=1&limit=2", "limit is given twice: give it once."),
        ("analyze?levels=ERROR", "'levels' is no parameter here; there are: limit, before, since"),
        ("status?source=nginx", "'source' is no parameter here; there are: format."),
        ("anomalies?severity=bad", "expected one of low, medium, high, critical."),
        ("trends?hours=337", "hours is '337'; expected a whole number from 1 to 336."),
        ("trends?by=hour", "by is 'hour'; expected source."),
        (
            "patterns?kind=best",
            "kind is 'best'; expected one of top, rare, new, surging, vanished.",
        ),
        ("log", "id is missing; expected a whole number of 64 bits."),
        ("log?id=1&at=2026-02-30", "at is '2026-02-30'; expected a time such as"),
        ("sources?format=xml", "format is 'xml'; expected one of json, csv."),
        ("health?x=1", "'x' is no parameter here; there are: none."),
        ("analyze?" + "&".join(f"_{n}=1" for n in range(51)), "more than 50 parameters"),
    ],
)
def test_a_bad_parameter_is_named_with_what_was_expected(ask: Ask, path: str, said: str) -> None:
    reply = ask(path)
    assert (reply.status, reply.json["status"]) == (400, 400)
    assert said in reply.json["detail"]


def test_an_empty_text_is_a_text_and_an_empty_number_is_none(ask: Ask) -> None:
    assert ask("analyze?source=").json["data"]["items"] == []
    assert ask("analyze?q=").json == ask("analyze").json
    assert "limit is ''; expected a whole number" in ask("analyze?limit=").json["detail"]


def test_a_parameter_of_the_host_or_of_a_cache_breaker_is_passed_over(ask: Ask) -> None:
    assert ask("models?_=17&x-vercel-set-bypass-cookie=true").json == ask("models").json


def test_an_unchanged_answer_costs_one_small_select(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ask("analyze?limit=5")
    asked = []
    row = _connections.row

    def noted(statement: str, binds: dict[str, Any]) -> dict[str, Any]:
        asked.append(statement)
        return row(statement, binds)

    monkeypatch.setattr(_connections, "row", noted)
    for tag in (first.headers["ETag"], f'"other", {first.headers["ETag"][2:]}', "*"):
        again = ask("analyze?limit=5", If_None_Match=tag)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    assert asked == ["api.version"] * 3
    assert ask("analyze?limit=6", If_None_Match=first.headers["ETag"]).status == 200
    assert ask("analyze?limit=5", If_None_Match='W/"other"').json == first.json


def test_a_new_deployment_answers_anew(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    tag = ask("status").headers["ETag"]
    monkeypatch.setenv("VERCEL_DEPLOYMENT_ID", "dpl_2")
    assert ask("status", If_None_Match=tag).status == 200


def test_answers_are_kept_by_nobody_but_the_browser(ask: Ask) -> None:
    assert ask("status").headers["Cache-Control"] == "private, max-age=15"
    assert "Authorization" in ask("status").headers["Vary"]
    assert ask("nothing").headers["Cache-Control"] == "no-store"


def test_every_answer_is_guarded_against_misuse_in_a_browser(ask: Ask) -> None:
    for reply in (ask("status"), ask("status", None), ask("health"), ask("metrics")):
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert reply.headers["Referrer-Policy"] == "no-referrer"


def test_a_long_answer_is_compressed_for_who_takes_it(ask: Ask) -> None:
    plain = ask("analyze")
    assert "Content-Encoding" not in plain.headers
    packed = ask("analyze", Accept_Encoding="br, gzip;q=0.5")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.body) < len(plain.body) / 4
    assert packed.json == plain.json
    for refused in ("br", "gzip;q=0", "gzip; q=0.000"):
        assert ask("analyze", Accept_Encoding=refused).body == plain.body
    assert "Content-Encoding" not in ask("health", Accept_Encoding="gzip").headers


def test_a_table_comes_as_csv_by_format_or_by_accept(ask: Ask) -> None:
    for reply in (
        ask("anomalies?limit=500&format=csv"),
        ask("anomalies?limit=500", Accept="text/csv"),
    ):
        assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(reply.text, newline="")))
        items = ask("anomalies?limit=500").json["data"]["items"]
        assert [row["message"] for row in rows] == [item["message"] for item in items]
        assert rows[0]["reasons"] == "\n".join(items[0]["reasons"])
        assert "Link" not in reply.headers
    assert ask("status", Accept="application/json, text/csv").json["action"] == "status"
    assert ask("status?format=json", Accept="text/csv").json["action"] == "status"
    assert ask("sources?format=csv").headers["ETag"] != ask("sources").headers["ETag"]
    assert len(ask("status?format=csv").text.splitlines()) == 2
    assert ask("patterns?kind=new&format=csv").text == ""


def test_a_csv_page_links_to_the_next(ask: Ask) -> None:
    first = ask("analyze?format=csv&limit=2&source=sshd")
    address, _, relation = first.headers["Link"].partition(">")
    assert relation == '; rel="next"'
    second = ask(address.removeprefix("</api/"))
    cursor = ask("analyze?limit=2&source=sshd").json["data"]["next"]
    page = ask(f"analyze?limit=2&source=sshd&before={cursor}").json["data"]["items"]
    rows = csv.DictReader(io.StringIO(second.text))
    assert [row["log_entry_id"] for row in rows] == [item["log_entry_id"] for item in page]


def test_a_formula_in_a_log_is_text_in_a_spreadsheet(ask: Ask) -> None:
    rows = csv.DictReader(io.StringIO(ask("analyze?q=%3D1%2B1&format=csv").text))
    assert [row["message"][:6] for row in rows] == ["'=1+1 "]


def test_other_origins_read_only_when_they_are_named(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki = "https://wiki.example.org"
    allowed = "Access-Control-Allow-Origin"
    assert allowed not in ask("status", Origin=wiki).headers
    monkeypatch.setenv("CORS_ORIGINS", f"https://a.example.org, {wiki}")
    for reply in (
        ask("status", Origin=wiki),
        ask("status", None, Origin=wiki),
        ask("status", None, method="OPTIONS", Origin=wiki),
    ):
        assert reply.headers[allowed] == wiki
        assert "Origin" in reply.headers["Vary"]
        assert "Authorization" in reply.headers["Access-Control-Allow-Headers"]
    assert allowed not in ask("status", Origin="https://evil.example.org").headers
    assert allowed not in ask("status").headers
    monkeypatch.setenv("CORS_ORIGINS", "*")
    assert ask("status", Origin="https://any.example.org").headers[allowed]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY", "BREW"])
def test_another_method_is_told_the_allowed_ones(
    client: http.client.HTTPConnection, method: str
) -> None:
    for path in ("/api/status", "/api/health"):
        client.request(method, path, body=b'{"a": 1}', headers=TOKEN)
        answer = client.getresponse()
        assert answer.status == 405
        assert answer.getheader("Allow") == "GET, HEAD, OPTIONS"
        assert json.loads(answer.read())["status"] == 405


def test_head_is_get_without_the_body(client: http.client.HTTPConnection) -> None:
    told = []
    for method in ("GET", "HEAD"):
        client.request(method, "/api/analyze?limit=3", headers=TOKEN)
        answer = client.getresponse()
        body = answer.read()
        assert answer.status == 200
        told.append({name: value for name, value in answer.getheaders() if name != "Date"})
        assert len(body) == (int(told[0]["Content-Length"]) if method == "GET" else 0)
    assert told[0] == told[1]


def test_options_names_the_methods(client: http.client.HTTPConnection) -> None:
    client.request("OPTIONS", "/api/status")
    answer = client.getresponse()
    assert (answer.status, answer.read()) == (204, b"")
    assert answer.getheader("Allow") == "GET, HEAD, OPTIONS"
    assert answer.getheader("Content-Length") is None


def test_one_connection_carries_many_requests(client: http.client.HTTPConnection) -> None:
    client.connect()
    used = client.sock
    for path, status in (("status", 200), ("nothing", 404), ("stats", 200), ("log", 400)):
        client.request("GET", f"/api/{path}", headers=TOKEN)
        answer = client.getresponse()
        assert answer.status == status
        answer.read()
    client.request("POST", "/api/status", body=b"x" * 100_000, headers=TOKEN)
    assert client.getresponse().read()
    assert client.sock is used


@pytest.mark.parametrize(
    "sent",
    [
        b"NONSENSE\r\n\r\n",
        b"GET /api/status HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /api/status HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/status HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"GET //[ HTTP/1.1\r\n\r\n",
        b"GET /api/status HTTP/1.1\r\nAuthorization: \xff\xfe\r\nAccept: \xff\r\n\r\n",
    ],
)
def test_a_malformed_request_gets_a_problem_and_no_more(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert 400 <= answer.status < 600
        assert answer.getheader("Content-Type") == "application/problem+json"
        assert json.loads(answer.read())["status"] == answer.status


def test_the_server_names_neither_python_nor_its_version(
    client: http.client.HTTPConnection,
) -> None:
    client.request("GET", "/api/health")
    answer = client.getresponse()
    answer.read()
    assert "Python" not in str(answer.getheader("Server"))
