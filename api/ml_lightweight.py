"""The one serverless function: HTTP in, a named statement on views, JSON out.

`GET /api/ml_lightweight?action=NAME` or `GET /api/NAME`; api/_actions.py lists the names.
"""

from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler

from api._answers import Answer, from_problem
from api._problems import Problem
from api._respond import respond

MOST_BODY_BYTES = 1 << 20


class handler(BaseHTTPRequestHandler):  # noqa: N801 - the name that the host looks for
    """One client's connection."""

    protocol_version = "HTTP/1.1"
    server_version = "logkiln"
    sys_version = ""
    # Head and body in one piece: as two, the second waits 40 ms for a delayed acknowledgement, and
    # a large body wakes the client twice.
    wbufsize = 1 << 17
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer the request, whatever its method."""
        body = self._body()
        self._send(respond(self.command, self.path, self.headers.get, body))

    do_HEAD = do_OPTIONS = do_POST = do_GET  # noqa: N815 - the names that http.server looks for

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Answer any other method, too: with 405 and what is allowed, not with 501."""
        if name.startswith("do_"):
            return partial(handler.do_GET, self)
        raise AttributeError(f"{type(self).__name__} has no {name!r}")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what the server itself refuses, such as a malformed request, like any problem."""
        self.close_connection = True
        self.request_version = self.protocol_version  # or a malformed line gets no headers
        self._send(from_problem(Problem(int(code), f"{message or explain or 'Refused'}.")))

    def _body(self) -> bytes:
        """Return the body; read even if nobody has use for it, for the next request comes after."""
        length = self.headers.get("Content-Length", "0")
        is_told = length.isdecimal() and "Transfer-Encoding" not in self.headers
        if is_told and int(length) <= MOST_BODY_BYTES:
            return self.rfile.read(int(length))
        self.close_connection = True
        return b""

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
        self.wfile.flush()
