"""Real receivers on loopback: HTTP servers that behave and misbehave, and GitHub's issues."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Request:
    """What arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Receiver:
    """An HTTP server that keeps what arrives and answers as `answer` says."""

    url: str = ""
    answer: Callable[[Request], Answer] = lambda _: (200, {}, b"ok")
    requests: list[Request] = field(default_factory=list)


@contextmanager
def receiver(answer: Callable[[Request], Answer] | None = None) -> Iterator[Receiver]:
    """Start one."""
    kept = Receiver()
    if answer is not None:
        kept.answer = answer

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, self.rfile.read(length))
            kept.requests.append(request)
            status, answered, body = kept.answer(request)
            self.send_response(status)
            for name, value in answered.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PATCH = do_POST  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            return

    with serving(Handler) as url:
        kept.url = url
        yield kept


@contextmanager
def dripping() -> Iterator[str]:
    """Start a server that never comes to the end of its answer; yield its address."""
    is_over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            while not is_over.is_set():
                try:
                    self.wfile.write(b"H")
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(0.1)

        def log_message(self, *_: object) -> None:
            return

    with serving(Handler) as url:
        try:
            yield url
        finally:
            is_over.set()


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Run a server of `handler` on a free port; yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Issues:
    """What GitHub keeps of the issues of one repository."""

    issues: list[dict[str, Any]] = field(default_factory=list)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)

    def __call__(self, request: Request) -> Answer:
        """Answer as https://docs.github.com/en/rest/issues does."""
        if request.headers.get("authorization") != "Bearer a-token":
            return 401, {}, b"{}"
        parts = urlsplit(request.path)
        found = re.fullmatch(r"/repos/octo/logs/issues(?:/(\d+)(/comments)?)?", parts.path)
        assert found is not None, request.path
        number, query = int(found[1] or 0), parse_qs(parts.query)
        if request.method == "GET":
            if found[2]:
                return self._said(200, self.comments[number])
            state, label = query["state"][0], query["labels"][0]
            return self._said(
                200,
                [
                    issue
                    for issue in self.issues
                    if state in ("all", issue["state"]) and label in issue["labels"]
                ],
            )
        if request.method == "PATCH":
            self.issues[number - 1] |= request.json
            return self._said(200, self.issues[number - 1])
        if found[2]:
            self.comments[number].append(request.json)
            return self._said(201, request.json)
        issue = {**request.json, "number": len(self.issues) + 1, "state": "open"}
        self.issues.append(issue)
        self.comments[issue["number"]] = []
        return self._said(201, issue)

    def _said(self, status: int, value: object) -> Answer:
        return status, {"Content-Type": "application/json"}, json.dumps(value).encode()
