"""Every workflow is valid, pinned, bounded and as little trusted as can be."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.workflow import WORKFLOWS, read

BIN = Path(sys.executable).parent
NAMES = sorted(path.name for path in WORKFLOWS.glob("*.yml"))
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}")


def run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_the_auditor_finds_nothing() -> None:
    run(str(BIN / "zizmor"), "--offline", "--persona=pedantic", str(WORKFLOWS))


def test_the_schema_is_kept() -> None:
    run(
        *(str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows"),
        *(str(WORKFLOWS / name) for name in NAMES),
    )


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_permitted_at_the_top(name: str) -> None:
    workflow = read(name)
    assert workflow["permissions"] == {}
    assert "concurrency" in workflow


@pytest.mark.parametrize("name", NAMES)
def test_every_job_ends(name: str) -> None:
    for job in read(name)["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 30


@pytest.mark.parametrize("name", NAMES)
def test_actions_are_pinned_and_their_version_is_told(name: str) -> None:
    text = (WORKFLOWS / name).read_text()
    for step in steps(read(name)):
        if "uses" in step:
            assert PINNED.fullmatch(step["uses"])
            assert re.search(rf"{re.escape(step['uses'])} # v\d+\.\d+\.\d+\n", text)


@pytest.mark.parametrize("name", NAMES)
def test_checkouts_keep_no_credentials(name: str) -> None:
    checkouts = [step for step in steps(read(name)) if "checkout@" in step.get("uses", "")]
    assert checkouts
    for step in checkouts:
        assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", NAMES)
def test_inputs_and_secrets_reach_scripts_by_the_environment_alone(name: str) -> None:
    for step in steps(read(name)):
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("name", NAMES)
def test_schedules_avoid_the_full_hour(name: str) -> None:
    for schedule in read(name)["on"].get("schedule", []):
        minute = schedule["cron"].split()[0]
        assert minute.isdigit()
        assert int(minute) not in (0, 15, 30, 45)
