"""A workflow's own steps, run as a runner would run them."""

import os
import re
import subprocess
import sys
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


@dataclass(frozen=True)
class Runner:
    """A machine on which the repository was checked out and Python set up, and nothing else."""

    clone: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a step finds set; nothing of ours is let through but how to reach the index."""
        kept = ("PIP_", "SSL_", "LANG", "HTTP", "http", "no_proxy", "NO_PROXY")
        return {
            **{name: value for name, value in os.environ.items() if name.startswith(kept)},
            "PATH": f"{self.home / 'bin'}:{self.home / 'python' / 'bin'}:/usr/bin:/bin",
            "HOME": str(self.home),
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": str(self.home / "summary.md"),
            "GITHUB_OUTPUT": str(self.home / "output"),
            "RUNNER_TEMP": str(self.home),
        }

    @classmethod
    def make(cls, clone: Path, home: Path) -> "Runner":
        """Set Python up in the empty folder `home`."""
        subprocess.run([sys.executable, "-m", "venv", home / "python"], check=True)
        return cls(clone, home)

    def run(self, workflow: str, url: str, **inputs: str) -> tuple[list[Ran], str]:
        """Run the jobs of `workflow` in order, until one fails, with a database; return their steps
        and the job summary. What a job puts out the later ones get."""
        summary, output = self.home / "summary.md", self.home / "output"
        summary.unlink(missing_ok=True)
        context = {"secrets.DATABASE_URL": url}
        context |= {f"inputs.{name}": value for name, value in inputs.items()}
        ran: list[Ran] = []
        for name, job in read(workflow)["jobs"].items():
            if _value(str(job.get("if", "true")), context) in ("", "false"):
                continue
            output.write_text("")
            ran += run_steps(job, context, self.clone, self.environment)
            if ran[-1].code != 0:
                break
            pairs = (line.partition("=") for line in output.read_text().splitlines())
            context |= {f"needs.{name}.outputs.{key}": value for key, _, value in pairs}
        return ran, summary.read_text() if summary.exists() else ""


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
