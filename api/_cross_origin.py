"""Other origins' pages: only those that CORS_ORIGINS names may read answers."""

import os

VARIABLE = "CORS_ORIGINS"
SECONDS_REMEMBERED = "600"


def headers(origin: str | None, methods: str) -> dict[str, str]:
    """Return the headers that let the page at `origin` read the answer; none for others.

    CORS_ORIGINS holds origins such as https://wiki.example.org with commas or spaces between
    them, or * for all: no cookie takes part, so a page still needs a token.
    """
    allowed = os.environ.get(VARIABLE, "").replace(",", " ").split()
    if not origin or (origin not in allowed and "*" not in allowed):
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": "Authorization, Accept, Content-Type, If-None-Match",
        "Access-Control-Expose-Headers": "ETag, Link, Retry-After",
        "Access-Control-Max-Age": SECONDS_REMEMBERED,
    }
