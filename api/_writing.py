"""What people say: a POST holds a JSON object, and one SQL function keeps it or takes it back."""

import json
from typing import Any

from api import _connections
from api._access import Caller
from api._actions import Action, Write
from api._answers import JSON, NEVER_KEPT, Answer
from api._parameters import Binds, read_all
from api._problems import Problem

LARGEST_BODY = 16_384
UNDO = "revoke"


def kept(action: Action, media_type: str | None, body: bytes, caller: Caller) -> Answer:
    """Keep what `body` says in the name of `caller`, and answer with its id.

    Raises Problem 400 for a body that says nothing we know, 404 when there is no such thing.
    """
    given = fields(media_type, body)
    write = action.writes[1 if UNDO in given else 0]
    binds = _binds(write, given) | {"caller": caller.name}
    identity = _connections.write(f"{action.room}.{write.statement}", binds)["done"]
    if identity is None:
        raise Problem(404, _missing(action, given))
    data = {action.key: int(identity), "is_held": UNDO not in given}
    document = {"action": action.name, "data": data}
    headers = {"Content-Type": JSON, "Cache-Control": NEVER_KEPT}
    return Answer(200, headers, json.dumps(document).encode())


def fields(media_type: str | None, body: bytes) -> dict[str, str]:
    """Return the fields of a JSON object as texts; Problem 400 when it is not one."""
    if (media_type or "").partition(";")[0].strip().lower() != JSON:
        raise Problem(400, f"The body is {media_type or 'of no type'!r}; expected {JSON}.")
    if len(body) > LARGEST_BODY:
        raise Problem(400, f"The body is too long; expected at most {LARGEST_BODY:,} bytes.")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise Problem(400, "The body is not JSON.") from exc
    if not isinstance(said, dict):
        raise Problem(400, "The body is JSON, but not an object.")
    return {name: _text(name, value) for name, value in said.items() if value is not None}


def _text(name: str, value: Any) -> str:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not (is_whole or isinstance(value, str)):
        raise Problem(400, f"{name[:60]!r} is no text and no whole number; expected one of them.")
    try:
        text = str(value)
        text.encode()
    except ValueError as exc:  # half of a surrogate pair, or a number of thousands of digits
        raise Problem(400, f"{name[:60]!r} holds what cannot be written as text.") from exc
    return text


def _binds(write: Write, given: dict[str, str]) -> Binds:
    binds = read_all(write.parameters, given)
    if write.any_of and not any(name in given for name in write.any_of):
        raise Problem(400, f"One of {', '.join(write.any_of)} is missing.")
    if "id" in given and "at" not in given:
        raise Problem(400, "at is missing: a log is found by its id and time, as analyze shows.")
    return binds


def _missing(action: Action, given: dict[str, str]) -> str:
    if UNDO in given:
        return f"There is no {action.key} {given[UNDO]} that still holds."
    if action.name == "mute":
        return "There is no such source or template, or not that template in that source."
    return "There is no such log with a prediction, or no such template."
