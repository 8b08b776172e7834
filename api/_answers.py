"""An answer ready to be sent: its headers and body, compressed and conditional as asked for."""

import json
import os
import zlib
from typing import Any, NamedTuple

from api._problems import Problem

JSON = "application/json"
PROBLEM = "application/problem+json"
CSV = "text/csv; charset=utf-8"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
SMALLEST_TO_COMPRESS = 1000
KEPT_BRIEFLY = "private, max-age=15"
"""A browser asks again after 15 s: batches come by the hour, and then a 304 is enough."""
NEVER_KEPT = "no-store"
_GZIP = 16 + zlib.MAX_WBITS


class Answer(NamedTuple):
    """What goes back to the client."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


def from_problem(problem: Problem) -> Answer:
    """Return the answer that reports `problem`; nobody may keep it."""
    headers = {"Content-Type": PROBLEM, "Cache-Control": NEVER_KEPT, **problem.headers}
    return Answer(problem.status, headers, json.dumps(problem.document()).encode())


def envelope(action: str, row: dict[str, Any]) -> bytes:
    """Return the JSON body: the statement's `data`, which is JSON already, in its envelope."""
    head = json.dumps(
        {"action": action, "batch_id": row["batch_id"], "refreshed_at": row["refreshed_at"]}
    )
    return f'{head[:-1]}, "data": {row["data"]}}}'.encode()


def entity_tag(version: dict[str, Any], *variant: object) -> str:
    """Return the ETag of an answer: its batch and refresh, and which `variant` of it this is.

    Weak, since a proxy may compress the body. A new deployment may answer otherwise, so its name
    counts too.
    """
    made_by = os.environ.get("VERCEL_DEPLOYMENT_ID", "")
    told_apart = zlib.crc32(repr((*variant, made_by)).encode())
    return f'W/"{version["batch_id"]}.{version["refreshed_at"]}.{told_apart:08x}"'


def has_tag(if_none_match: str, tag: str) -> bool:
    """Whether the header If-None-Match names `tag` (weak comparison, RFC 9110 section 13.1.2)."""
    bare = tag.removeprefix("W/")
    named = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return bare in named or "*" in named


def compressed(answer: Answer, accept_encoding: str) -> Answer:
    """Return `answer` with its body gzipped, if the client takes that and it is worth it."""
    if len(answer.body) < SMALLEST_TO_COMPRESS or not accepts(accept_encoding, "gzip"):
        return answer
    # Level 1: 40 kB in 0.4 ms; level 6 takes three times as long to save another tenth.
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    body = packer.compress(answer.body) + packer.flush()
    return answer._replace(body=body, headers={**answer.headers, "Content-Encoding": "gzip"})


def accepts(header: str, wanted: str) -> bool:
    """Whether an Accept or Accept-Encoding `header` names `wanted` with a weight above zero."""
    for part in header.lower().split(","):
        name, _, parameters = part.partition(";")
        if name.strip() == wanted:
            return parameters.replace(" ", "").rstrip("0.") != "q="
    return False
