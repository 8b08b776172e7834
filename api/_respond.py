"""From a request to its answer: who asks, what for, whether it is news, and in which form."""

import sys
import traceback
from collections.abc import Callable
from typing import Any

from api import _access, _connections, _cross_origin
from api._actions import ACTIONS, FORMAT, Action
from api._answers import (
    CSV,
    JSON,
    KEPT_BRIEFLY,
    NEVER_KEPT,
    PROMETHEUS,
    Answer,
    accepts,
    compressed,
    entity_tag,
    envelope,
    from_problem,
    has_tag,
)
from api._parameters import Binds, fields, read_all
from api._problems import Problem, outage
from sql.errors import DatabaseError

Header = Callable[[str], str | None]
"""Gives the value of a request's header by its name, in any case."""

FUNCTION = "ml_lightweight"
METHODS = ("GET", "HEAD", "OPTIONS")
WITH_POST = (*METHODS, "POST")
ISO = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
"""How the statements write times: ISO 8601 in UTC."""
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Authorization, Accept, Accept-Encoding, Origin",
}


def respond(method: str, target: str, header: Header, body: bytes = b"") -> Answer:
    """Return the answer to a request; whatever goes wrong becomes a problem document."""
    try:
        answer = _answer(method, target, header, body)
    except Problem as exc:
        answer = from_problem(exc)
    except DatabaseError as exc:
        _note(f"{target.partition('?')[0]}: {exc}")
        answer = from_problem(outage(exc))
    except Exception:  # noqa: BLE001 - the last resort: the client still gets an answer, the log all
        _note(traceback.format_exc())
        answer = from_problem(Problem(500, "The function failed: its log says why."))
    allowed = _cross_origin.headers(header("Origin"), ", ".join(WITH_POST))
    answer = answer._replace(headers={**ALWAYS, **answer.headers, **allowed})
    return compressed(answer, header("Accept-Encoding") or "")


def _answer(method: str, target: str, header: Header, body: bytes) -> Answer:
    path, _, query = target.partition("?")
    if method == "OPTIONS":
        return _options(path, query)
    given = fields(query)
    name = given.pop("action", "") or path.rpartition("/")[2]
    if name == "health":
        return _health(method, given)
    caller = _access.caller(header("Authorization"))
    action = action_of(name)
    if method == "POST" and action.writes:
        return _written(action, given, header, body, caller)
    _check_method(method, action)
    caller.require(_access.READ)
    binds = binds_of(action, given)
    if binds.get("trace_id") is not None:
        caller.require(_access.RAW)  # or what is found would tell of traces that are masked
    if action.name == "openapi.json":
        return _openapi(header)
    binds["raw"] = _access.RAW in caller.scopes
    return _selected(action, binds, target, header)


def _selected(action: Action, binds: Binds, target: str, header: Header) -> Answer:
    """Select and render, unless the client holds the answer already."""
    form = _form(action, binds.pop("format", None), header("Accept") or "")
    variant = (action.name, form, sorted(binds.items()))
    if action.is_live:
        row = _connections.row(statement_of(action, binds), {**binds, "iso": ISO})
        return _rendered(action, form, row, target, {"Cache-Control": NEVER_KEPT})
    if asked := header("If-None-Match"):
        tag = entity_tag(_connections.row("api.version", {"iso": ISO}), *variant)
        if has_tag(asked, tag):
            return Answer(304, {"ETag": tag, "Cache-Control": KEPT_BRIEFLY})
    row = _connections.row(statement_of(action, binds), {**binds, "iso": ISO})
    if row["data"] is None:
        raise Problem(
            404,
            "There is no such log, or it was not scored yet; if the log itself is deleted, "
            "give its time in `at`.",
        )
    kept = {"ETag": entity_tag(row, *variant), "Cache-Control": KEPT_BRIEFLY}
    return _rendered(action, form, row, target, kept)


def statement_of(action: Action, binds: Binds) -> str:
    """Return the name of the statement that answers `action` with these values."""
    name = f"{action.room}.{action.statement or action.name}"
    kind = binds[action.split_by] if action.split_by else None
    return f"{name}_{kind}" if kind else name


def _written(
    action: Action, given: dict[str, str], header: Header, body: bytes, caller: _access.Caller
) -> Answer:
    # Few requests write: a cold start that reads does not load this.
    from api import _writing

    read_all((), given)
    caller.require(_access.WRITE)
    return _writing.kept(action, header("Content-Type"), body, caller)


def _options(path: str, query: str) -> Answer:
    asked = fields(query).get("action", "") or path.rpartition("/")[2]
    allowed = _methods(ACTIONS.get(asked))
    return Answer(204, {"Allow": ", ".join(allowed), "Cache-Control": NEVER_KEPT})


def _methods(action: Action | None) -> tuple[str, ...]:
    return WITH_POST if action is not None and action.writes else METHODS


def action_of(name: str) -> Action:
    """Return the action of that name; Problem 404 that names those there are."""
    if name in ACTIONS:
        return ACTIONS[name]
    said = "No action is given" if name in ("", FUNCTION, "api") else f"There is no {name[:60]!r}"
    raise Problem(404, f"{said}; there are: {', '.join(ACTIONS)}.")


def _check_method(method: str, action: Action | None = None) -> None:
    if method not in METHODS:
        allowed = ", ".join(_methods(action))
        raise Problem(405, f"{method} is not offered here; use {allowed}.", {"Allow": allowed})


def binds_of(action: Action, given: dict[str, str]) -> Binds:
    """Return the statement's values for `given`, and the `format`; Problem 400."""
    formats = () if action.table is None else (FORMAT,)
    return read_all((*action.parameters, *formats), given)


def _form(action: Action, asked: str | None, accept: str) -> str:
    """Return the media type to answer in."""
    if action.name == "metrics":
        return PROMETHEUS
    prefers_csv = accepts(accept, "text/csv") and not accepts(accept, JSON)
    if action.table is not None and (asked == "csv" or (asked is None and prefers_csv)):
        return CSV
    return JSON


def _rendered(
    action: Action, form: str, row: dict[str, Any], target: str, kept: dict[str, str]
) -> Answer:
    headers = {"Content-Type": form, **kept}
    # The rare forms are loaded when they are asked for: a cold start pays for what it serves.
    if form == CSV:
        from api import _csv

        return Answer(200, headers | _csv.link(row["data"], target), _csv.render(action, row))
    if form == PROMETHEUS:
        from api import _metrics

        return Answer(200, headers, _metrics.render(row["data"]))
    return Answer(200, headers, envelope(action.name, row))


def _health(method: str, given: dict[str, str]) -> Answer:
    """Answer without a token: shared caches may keep it, which bears the load of strangers."""
    _check_method(method)
    read_all((), given)
    row = _connections.row("api.health", {"iso": ISO})
    headers = {"Content-Type": JSON, "Cache-Control": "public, max-age=0, s-maxage=5"}
    return Answer(200, headers, row["data"].encode())


def _openapi(header: Header) -> Answer:
    from api import _openapi

    body = _openapi.document()
    tag = entity_tag({"batch_id": "openapi", "refreshed_at": len(body)}, body)
    kept = {"ETag": tag, "Cache-Control": KEPT_BRIEFLY}
    if has_tag(header("If-None-Match") or "", tag):
        return Answer(304, kept)
    return Answer(200, {"Content-Type": JSON, **kept}, body)


def _note(text: str) -> None:
    """Write to the function's log, where log text must not play the terminal."""
    print("logkiln-api: " + text.encode("unicode_escape").decode(), file=sys.stderr)
