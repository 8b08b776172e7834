"""Who may ask: bearer tokens with scopes, from the environment variable API_TOKEN."""

import os
from functools import cache
from hmac import compare_digest
from typing import NamedTuple

from api._problems import Problem

READ, RAW, WRITE = "read", "raw", "write"
SCOPES = frozenset({READ, RAW, WRITE})
VARIABLE = "API_TOKEN"


class Caller(NamedTuple):
    """Somebody whose token is known."""

    name: str
    scopes: frozenset[str]

    def require(self, scope: str) -> None:
        """Raise Problem 403 unless the token has `scope`."""
        if scope not in self.scopes:
            raise Problem(
                403,
                f"The token {self.name!r} has the scopes {', '.join(sorted(self.scopes))}; "
                f"this needs {scope}: ask for another token.",
            )


def caller(authorization: str | None) -> Caller:
    """Return who sent the header `authorization`.

    Raises Problem 503 while no token is set (the function refuses rather than opens), or 401.
    """
    try:
        known = _tokens(os.environ.get(VARIABLE, ""))
    except ValueError as exc:
        raise Problem(503, f"{VARIABLE} cannot be read: {exc}.") from exc
    if not known:
        raise Problem(
            503,
            f"No token is set, so nobody is let in: set {VARIABLE} for this deployment, "
            "for instance to what `openssl rand -hex 32` prints.",
        )
    scheme, _, token = (authorization or "").partition(" ")
    given = token.strip().encode("latin-1", "replace")
    # All are compared, each in constant time, so that the time tells nothing of any.
    found = [who for secret, who in known.items() if compare_digest(secret, given)]
    if scheme.lower() != "bearer" or not found:
        said = "is not known" if token else "is missing"
        raise Problem(
            401,
            f"The token {said}: send the header `Authorization: Bearer TOKEN`.",
            {"WWW-Authenticate": 'Bearer realm="logkiln"'},
        )
    return found[0]


@cache
def _tokens(configured: str) -> dict[bytes, Caller]:
    """Read `TOKEN` or `NAME:SCOPES:TOKEN`, several with commas or spaces between them.

    Raises ValueError that names an entry by its position, never by what it holds.
    """
    tokens: dict[bytes, Caller] = {}
    for position, entry in enumerate(configured.replace(",", " ").split(), start=1):
        name, scopes, token = _entry(entry, position)
        tokens[token.encode()] = Caller(name, scopes)
    return tokens


def _entry(entry: str, position: int) -> tuple[str, frozenset[str], str]:
    if ":" not in entry:
        return f"token {position}", SCOPES, entry
    name, _, rest = entry.partition(":")
    joined, _, token = rest.partition(":")
    scopes = frozenset(joined.split("+"))
    if not name or not token or not scopes <= SCOPES:
        raise ValueError(
            f"entry {position} is not TOKEN or NAME:SCOPES:TOKEN "
            f"with scopes out of {', '.join(sorted(SCOPES))} joined by +"
        )
    return name, scopes, token
