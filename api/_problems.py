"""What can go wrong, as problem documents (RFC 9457): a status, a title, and what to do."""

from typing import NamedTuple

from sql.errors import (
    BadDatabaseUrl,
    DatabaseError,
    NoDatabaseUrl,
    NotInstalled,
    NotPermitted,
    ServerTooOld,
    TimedOut,
    Unreachable,
)

TITLES = {
    400: "Bad request",
    401: "No access without a token",
    403: "The token does not reach that far",
    404: "Not found",
    405: "Method not allowed",
    500: "The function failed",
    501: "Method not known",
    503: "Not available now",
}


class Problem(Exception):
    """The answer to a request that cannot be served; `detail` says what to do."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        """Answer with `status` (see TITLES) and the further `headers`."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}

    def document(self) -> dict[str, object]:
        """Return the body of the answer."""
        return {
            "type": "about:blank",
            "title": TITLES.get(self.status, "Error"),
            "status": self.status,
            "detail": self.detail,
        }


class _Outage(NamedTuple):
    detail: str
    seconds: int | None
    """After how long trying again makes sense; None: only after somebody mended it."""


_NO_ADDRESS = _Outage(
    "No usable address of a database: for this deployment, set "
    "DATABASE_URL=postgresql://logkiln_reader:PASSWORD@HOST/DATABASE.",
    None,
)
# What the driver said may name hosts, users and paths: that goes to the function's log only.
_OUTAGES: dict[type[DatabaseError], _Outage] = {
    NoDatabaseUrl: _NO_ADDRESS,
    BadDatabaseUrl: _NO_ADDRESS,
    Unreachable: _Outage("The database does not answer: try again in a moment.", 2),
    TimedOut: _Outage(
        "The database took too long: narrow the filter (a time range, a source), or try again.", 5
    ),
    NotInstalled: _Outage(
        "The database lacks a table or view: run `python -m sql migrate` on it.", None
    ),
    NotPermitted: _Outage(
        "The database role may not read the views: run `python -m sql migrate` as the owner, "
        "and connect as logkiln_reader.",
        None,
    ),
    ServerTooOld: _Outage(
        "The database server is too old: upgrade PostgreSQL to 14 or newer.", None
    ),
}


def outage(error: DatabaseError) -> Problem:
    """Return the problem that stands for what the database did."""
    known = _OUTAGES.get(type(error))
    if known is None:
        return Problem(500, "The database refused the query: the function's log says why.")
    headers = {} if known.seconds is None else {"Retry-After": str(known.seconds)}
    return Problem(503, known.detail, headers)
