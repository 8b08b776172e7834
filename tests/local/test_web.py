"""The local web server answers as the host does."""

import http.client
import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from local import web
from local.errors import PortBusy, RoutingError
from local.routing import Routing

CONFIG = {
    "rewrites": [{"source": "/api/:action", "destination": "/api/ml_lightweight?action=:action"}],
    "headers": [
        {"source": "/(.*)", "headers": [{"key": "X-Frame-Options", "value": "DENY"}]},
        {"source": "/assets/:file*", "headers": [{"key": "Cache-Control", "value": "immutable"}]},
        {"source": "/api/:action", "headers": [{"key": "Cache-Control", "value": "public"}]},
    ],
}


class Function(BaseHTTPRequestHandler):
    """Says what it was asked."""

    def do_GET(self) -> None:
        body = self.told()
        self.send_response(200)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def told(self) -> bytes:
        return f"{self.command} {self.path}".encode()


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "dist"
    (page / "assets").mkdir(parents=True)
    (page / "index.html").write_text("<p>page")
    (page / "assets" / "main.js").write_text("1")
    (page / "assets" / "style.css").write_text("")
    (tmp_path / "secret.txt").write_text("secret")
    return page


@pytest.fixture
def routing(tmp_path: Path) -> Routing:
    (tmp_path / "vercel.json").write_text(json.dumps(CONFIG))
    return Routing.read(tmp_path / "vercel.json")


@pytest.fixture
def handler(routing: Routing) -> type[web.Site]:
    return web.site(Function, routing, {"/demo.json": b'{"note": "moved"}'})


@pytest.fixture
def server(page: Path, handler: type[web.Site]) -> Iterator[ThreadingHTTPServer]:
    server = web.listen(handler, page, port=0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def ask(
    server: ThreadingHTTPServer, path: str, method: str = "GET"
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(web.ADDRESS, server.server_port, timeout=10)
    connection.request(method, path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def test_the_root_is_the_page(server: ThreadingHTTPServer) -> None:
    status, headers, body = ask(server, "/")
    assert (status, body) == (200, b"<p>page")
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/assets/main.js", "text/javascript; charset=utf-8"),
        ("/assets/style.css?v=1", "text/css; charset=utf-8"),
    ],
)
def test_files_have_their_type_and_headers(
    server: ThreadingHTTPServer, path: str, kind: str
) -> None:
    status, headers, _ = ask(server, path)
    assert (status, headers["content-type"], headers["cache-control"]) == (200, kind, "immutable")


def test_documents_are_json_and_not_files(server: ThreadingHTTPServer) -> None:
    status, headers, body = ask(server, "/demo.json")
    assert (status, body) == (200, b'{"note": "moved"}')
    assert headers["content-type"] == "application/json"
    assert ask(server, "/demo.json", "HEAD")[2] == b""


def test_both_addresses_reach_the_function_as_written(server: ThreadingHTTPServer) -> None:
    for path in ("/api/ml_lightweight?action=status", "/api/status?source=nginx"):
        status, _, body = ask(server, path)
        assert (status, body) == (200, f"GET {path}".encode())


def test_headers_of_the_function_stand_and_others_are_added(server: ThreadingHTTPServer) -> None:
    _, headers, _ = ask(server, "/api/status")
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"


def test_a_method_that_the_function_lacks_is_refused(server: ThreadingHTTPServer) -> None:
    assert ask(server, "/api/status", "POST")[0] == 501
    assert ask(server, "/index.html", "POST")[0] == 405
    assert ask(server, "/index.html", "OPTIONS")[0] == 405


def test_head_has_no_body(server: ThreadingHTTPServer) -> None:
    status, headers, body = ask(server, "/index.html", "HEAD")
    assert (status, headers["content-length"], body) == (200, "7", b"")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/assets/../../secret.txt",
        "//../secret.txt",
        "/..\\secret.txt",
        "/index.html%00.txt",
        "/assets/",
        "/absent",
        "/api/a/b",
        "/%ff%fe",
        "/" + "x" * 5000,
    ],
)
def test_nothing_outside_the_page_is_served(server: ThreadingHTTPServer, path: str) -> None:
    status, _, body = ask(server, path)
    assert status == 404
    assert b"secret" not in body


def test_a_busy_port_that_was_asked_for_is_named(
    server: ThreadingHTTPServer, page: Path, handler: type[web.Site]
) -> None:
    with pytest.raises(PortBusy, match=rf"port {server.server_port} is in use .*--port"):
        web.listen(handler, page, server.server_port)


def test_a_busy_port_that_was_not_asked_for_is_passed_over(
    server: ThreadingHTTPServer,
    page: Path,
    handler: type[web.Site],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(web, "FIRST_PORT", server.server_port)
    other = web.listen(handler, page)
    assert server.server_port < other.server_port < server.server_port + web.PORTS
    other.server_close()
    monkeypatch.setattr(web, "PORTS", 1)
    with pytest.raises(PortBusy, match=r"all ports from"):
        web.listen(handler, page)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may listen on every port")
def test_a_port_of_the_system_is_refused(page: Path, handler: type[web.Site]) -> None:
    with pytest.raises(PortBusy, match=r"choose one above 1023"):
        web.listen(handler, page, 1)


def test_a_rule_that_only_the_host_knows_is_refused(tmp_path: Path) -> None:
    rule = {"source": "/", "destination": "/x", "has": []}
    (tmp_path / "vercel.json").write_text(json.dumps({"rewrites": [rule]}))
    with pytest.raises(RoutingError, match=r"destination, has, source; .*teach it"):
        Routing.read(tmp_path / "vercel.json")
