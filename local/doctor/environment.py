"""The variables, and how their addresses reach the database."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from local.doctor.finding import Finding, Findings
from sql.database import POOLED, UNPOOLED

POOLER = re.compile(r"(?:-pooler\.|\.pooler\.|pgbouncer)")
POOLED_PORTS = (6432, 6543)
"""PgBouncer's own, and where Supabase's pooler gives out transactions (sessions on 5432)."""


def check_environment(environment: Mapping[str, str]) -> Findings:
    """Look at the variables, and at how their addresses reach the database."""
    set_ones = [name for name in UNPOOLED if environment.get(name, "").strip()]
    if not set_ones:
        yield Finding(
            "fail",
            "environment",
            f"none of {', '.join(UNPOOLED)} is set",
            "export DATABASE_URL=postgresql://USER:PASSWORD@HOST/DATABASE",
        )
    else:
        yield Finding("ok", "environment", f"the batch connects by {set_ones[0]}")
    if environment.get("API_TOKEN", "").strip():
        yield Finding("ok", "environment", "API_TOKEN is set")
    else:
        yield Finding(
            "warn",
            "environment",
            "API_TOKEN is not set: the function answers 503 to all but health",
            'export API_TOKEN="$(openssl rand -hex 32)"',
        )
    if set_ones:
        yield check_pooler(set_ones[0], environment)


def check_pooler(name: str, environment: Mapping[str, str]) -> Finding:
    """Say whether the batch's address goes through a pooler."""
    try:
        parts = urlsplit(environment[name].strip())
        is_pooled = bool(POOLER.search(parts.hostname or "")) or parts.port in POOLED_PORTS
    except ValueError:
        return Finding(
            "fail",
            "pooler",
            f"{name} is not an address (not shown: it may hold a password)",
            f"export {name}=postgresql://USER:PASSWORD@HOST/DATABASE",
        )
    if is_pooled and name in POOLED:
        return Finding(
            "warn",
            "pooler",
            f"{name} goes through a pooler, and so does the batch: it works, and COPY is slower",
            "export DATABASE_URL_UNPOOLED=postgresql://… (the direct address)",
        )
    if is_pooled:
        return Finding(
            "warn",
            "pooler",
            f"{name} should be the direct address and names a pooler",
            f"export {name}=postgresql://… (the direct address)",
        )
    return Finding("ok", "pooler", "the batch connects directly")
