"""One HTTP request with bounds on everything: time, size, and where it may lead (nowhere else)."""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from scoring.alerts.errors import ChannelError, DeliveryError

SECONDS_A_STEP = 10.0
"""For connecting, sending, and each read."""
SECONDS_IN_ALL = 20.0
"""For all of them: a server that drips a byte a second is cut off."""
LARGEST_ANSWER = 2 << 20
LONGEST_WAIT = 3600.0

AGENT = "logkiln-alerts"


@dataclass(frozen=True)
class Answer:
    """What a server said: a status from 200 to 299, and a body of at most LARGEST_ANSWER bytes."""

    status: int
    body: bytes


def address(name: str, url: str) -> SplitResult:
    """Return the parts of the address in the environment variable `name`; ChannelError if none."""
    wanted = f"{name} is not an address (not shown: it may hold a secret); expected https://HOST/…"
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError as exc:
        raise ChannelError(wanted) from exc
    if not is_address or not url.isascii() or any(letter <= " " for letter in url):
        raise ChannelError(wanted)
    return parts


def request(
    method: str, url: SplitResult, body: bytes | None, headers: Mapping[str, str]
) -> Answer:
    """Ask, and return the answer; DeliveryError when there is none or it is not a success.

    Redirects are not followed, to whatever host: a secret and a body meant for one address would
    go to another.
    """
    connection = connection_to(url)
    timer = threading.Timer(SECONDS_IN_ALL, cut, [connection])
    timer.daemon = True
    timer.start()
    try:
        target = url.path or "/"
        connection.request(
            method,
            f"{target}?{url.query}" if url.query else target,
            body,
            {"User-Agent": AGENT, **headers},
        )
        answer = connection.getresponse()
        content = answer.read(LARGEST_ANSWER + 1)
    except TimeoutError as exc:
        raise DeliveryError(f"no answer within {SECONDS_A_STEP:.0f} s") from exc
    except ssl.SSLError as exc:
        raise DeliveryError(f"no trusted connection: {exc.reason}", is_lasting=True) from exc
    except (OSError, http.client.HTTPException, ValueError) as exc:
        # Its kind and not its words: they may quote the address. A cut connection comes out so too.
        kind = type(exc).__name__
        if isinstance(exc, OSError) and exc.strerror:
            kind = exc.strerror
        raise DeliveryError(f"no answer ({kind})") from exc
    finally:
        timer.cancel()
        connection.close()
    check(answer, content)
    return Answer(answer.status, content)


def connection_to(url: SplitResult) -> http.client.HTTPConnection:
    """Return a connection that is not open yet."""
    host = url.hostname or ""
    if url.scheme == "https":
        return http.client.HTTPSConnection(host, url.port, timeout=SECONDS_A_STEP)
    return http.client.HTTPConnection(host, url.port, timeout=SECONDS_A_STEP)


def cut(connection: http.client.HTTPConnection) -> None:
    """End a connection that another thread waits on."""
    if connection.sock is not None:
        with suppress(OSError):  # It ended by itself just now.
            connection.sock.shutdown(socket.SHUT_RDWR)


def check(answer: http.client.HTTPResponse, content: bytes) -> None:
    """Raise DeliveryError unless the answer is a success of a bearable size."""
    status = answer.status
    if 300 <= status < 400:
        raise DeliveryError(
            f"answered {status}, a redirect, which is never followed: set the final address",
            is_lasting=True,
        )
    if not 200 <= status < 300:
        is_limited = status == 429 or (
            status == 403 and answer.headers.get("x-ratelimit-remaining") == "0"
        )
        raise DeliveryError(
            f"answered {status}",
            is_lasting=400 <= status < 500 and not is_limited and status not in (408, 425),
            retry_after=seconds(answer.headers.get("retry-after")),
        )
    if len(content) > LARGEST_ANSWER:
        raise DeliveryError(f"answered more than {LARGEST_ANSWER >> 20} MB", is_lasting=True)


def seconds(text: str | None) -> float:
    """Return what a Retry-After header asks for, at most an hour; a date counts as a minute."""
    if text is None:
        return 0.0
    try:
        given = float(text)
    except ValueError:
        return 60.0
    return min(max(given, 0.0), LONGEST_WAIT) if given == given else 60.0
