"""The page and the function on one local port, as the host serves them."""

import errno
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote

from local.errors import PortBusy
from local.routing import Routing

ADDRESS = "127.0.0.1"
FIRST_PORT = 8000
PORTS = 20
"""How many ports are tried, from the first on, when none was asked for."""

FUNCTION = "/api/ml_lightweight"

# Fixed here: those of the machine differ from one to the next.
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
    "": "application/octet-stream",
}


class Site(SimpleHTTPRequestHandler):
    """Answers with a file of the page, or lets the function answer.

    `site` joins it to the function's class, whose methods run on the same request.
    """

    function: ClassVar[type[BaseHTTPRequestHandler]]
    routing: ClassVar[Routing]
    documents: ClassVar[Mapping[str, bytes]]

    server_version = "logkiln"
    sys_version = ""
    extensions_map = TYPES

    def do_GET(self) -> None:
        """Answer with the function, a document or a file."""
        if not (self._function_answers() or self._document_answers()):
            super().do_GET()

    def do_HEAD(self) -> None:
        """Answer as to GET, without a body."""
        if not (self._function_answers() or self._document_answers()):
            super().do_HEAD()

    def do_POST(self) -> None:
        """Let the function answer; files take no POST."""
        self._function_only()

    def do_OPTIONS(self) -> None:
        """Let the function answer; files have no options."""
        self._function_only()

    def _function_only(self) -> None:
        if not self._function_answers():
            self.send_error(HTTPStatus.METHOD_NOT_ALLOWED)

    def _function_answers(self) -> bool:
        if self.routing.destination(self._bare_path()) != FUNCTION:
            return False
        method = getattr(self.function, f"do_{self.command}", None)
        if method is None:
            self.send_error(HTTPStatus.NOT_IMPLEMENTED, f"Unsupported method ({self.command!r})")
        else:
            method(self)
        return True

    def _document_answers(self) -> bool:
        body = self.documents.get(self._bare_path())
        if body is None:
            return False
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        return True

    def _bare_path(self) -> str:
        return self.path.split("?")[0].split("#")[0]

    def translate_path(self, path: str) -> str:
        """Return the file for `path`, always inside the page's folder."""
        if "\0" in unquote(path):
            return ""  # no file has this name
        return super().translate_path(path)

    def list_directory(self, path: Any) -> None:
        """Refuse: a folder has nothing to show."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """Add the host's headers to those of the answer."""
        already = b"".join(getattr(self, "_headers_buffer", [])).lower()
        for name, value in self.routing.headers_for(self._bare_path()).items():
            if f"\n{name.lower()}:".encode() not in already:
                self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing: the demo's screen is for its steps."""


def site(
    function: type[BaseHTTPRequestHandler], routing: Routing, documents: Mapping[str, bytes]
) -> type[Site]:
    """Return the class that serves `function`, `documents` (path: JSON) and the page's files."""
    attributes = {"function": function, "routing": routing, "documents": documents}
    return type("PageAndFunction", (Site, function), attributes)


def listen(handler: type[Site], page: Path, port: int | None = None) -> ThreadingHTTPServer:
    """Listen on `port`, or on the first free one from 8000 on; serve with `serve_forever()`.

    Raises PortBusy, naming the port.
    """
    bound = partial(handler, directory=str(page))
    candidates = range(FIRST_PORT, FIRST_PORT + PORTS) if port is None else [port]
    for candidate in candidates:
        try:
            return ThreadingHTTPServer((ADDRESS, candidate), bound)
        except PermissionError as exc:
            raise PortBusy(f"port {candidate} is the system's: choose one above 1023") from exc
        except OSError as exc:
            if exc.errno != errno.EADDRINUSE:
                raise
    if port is None:
        last = candidates[-1]
        raise PortBusy(f"all ports from {FIRST_PORT} to {last} are in use: choose one with --port")
    raise PortBusy(
        f"port {port} is in use by another program: stop that one, or choose another with --port"
    )
