"""`python -m local doctor`: what is wrong with an installation, and the command that mends it.

Each check looks at one thing and gives findings; none changes anything. What needs the database is
left out when there is none, which is found wrong once.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from local.doctor.checkout import check_models, check_vercel, check_workflows
from local.doctor.database import check_database
from local.doctor.environment import check_environment
from local.doctor.finding import Findings

ROOT = Path(__file__).parents[2]


def examine(root: Path, environment: Mapping[str, str]) -> Findings:
    """Look at everything: the checkout in `root`, the `environment`, and its database."""
    yield from check_environment(environment)
    yield from check_database()
    yield from check_models(root / "onnx_models")
    yield from check_workflows(root / ".github" / "workflows")
    yield from check_vercel(root)


def run() -> int:
    """Print what is found, a line each; return 1 when something fails, else 0."""
    states = {"ok": 0, "warn": 0, "fail": 0}
    for finding in examine(ROOT, os.environ):
        print(finding, flush=True)
        states[finding.state] += 1
    print(f"{states['ok']} ok, {states['warn']} warnings, {states['fail']} failures")
    return 1 if states["fail"] else 0
