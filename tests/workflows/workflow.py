"""A workflow's own steps, run as a runner would run them."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

WORKFLOWS = Path(__file__).parents[2] / ".github" / "workflows"
_EXPRESSION = re.compile(r"\$\{\{\s*(!?)\s*([\w.]+)\s*\}\}")


@dataclass(frozen=True)
class Ran:
    """What became of one step."""

    name: str
    code: int
    output: str


def read(name: str) -> dict[str, Any]:
    """Return the workflow `name`."""
    workflow: dict[str, Any] = YAML(typ="safe").load(WORKFLOWS / name)
    return workflow


def run_steps(
    job: Mapping[str, Any], context: Mapping[str, str], folder: Path, env: Mapping[str, str]
) -> list[Ran]:
    """Run the `run:` steps of `job` in order, in `folder`, until one fails.

    `context` answers expressions, such as {"secrets.DATABASE_URL": …}; what it lacks is empty, as
    on the host. Only plain names and `!name` are understood: an error tells of anything else.
    """
    ran: list[Ran] = []
    for step in job["steps"]:
        if "run" not in step or _value(str(step.get("if", "true")), context) in ("", "false"):
            continue
        given = {name: _value(str(value), context) for name, value in step.get("env", {}).items()}
        assert "${{" not in step["run"], f"{step['name']}: an expression inside a script"
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder,
            env={**env, **given},
            timeout=280,
        )
        ran.append(Ran(step["name"], done.returncode, done.stdout))
        if done.returncode != 0:
            break
    return ran


def _value(text: str, context: Mapping[str, str]) -> str:
    def answer(found: re.Match[str]) -> str:
        negated, name = found.groups()
        value = context.get(name, "")
        return ("true" if value in ("", "false") else "false") if negated else value

    value = _EXPRESSION.sub(answer, text)
    assert "${{" not in value, f"not understood: {text}"
    return value
