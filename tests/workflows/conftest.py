"""A clean clone, and a runner for it."""

import subprocess
from pathlib import Path

import pytest

from tests.workflows.workflow import Runner

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is committed, alone."""
    folder = tmp_path_factory.mktemp("clone") / "checkout"
    subprocess.run(["git", "clone", "--quiet", "--no-local", ROOT, folder], check=True)
    return folder


@pytest.fixture(scope="session")
def runner(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """The runner of workflows that install what a batch needs."""
    return Runner.make(clone, tmp_path_factory.mktemp("runner"))
