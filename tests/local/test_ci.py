"""`.ci/run` brings what the machine lacks, and only that, before `make test`."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout on a machine whose apt-get only notes what it is asked for."""
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    (tmp_path / "Makefile").write_text("test:\n\t@echo tested\n")
    (tmp_path / ".ci" / "packages").write_text("logkiln-there there\nlogkiln-absent its-package\n")
    (tmp_path / "bin").mkdir()
    program(tmp_path / "bin" / "logkiln-there", "")
    program(tmp_path / "bin" / "sudo", 'shift; exec "$@"')
    program(tmp_path / "bin" / "apt-get", f'echo "$@" >>{tmp_path}/asked')
    return tmp_path


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def run(machine: Path) -> subprocess.CompletedProcess[str]:
    # `make test` runs this test, and a make below a make says which folder it enters.
    ours = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        [machine / ".ci" / "run"],
        check=False,
        capture_output=True,
        text=True,
        env={**environment, "PATH": f"{machine / 'bin'}:{os.environ['PATH']}"},
    )


def test_missing_packages_are_installed_first(machine: Path) -> None:
    done = run(machine)
    assert (done.returncode, done.stdout) == (0, "tested\n"), done.stderr
    update, install = (machine / "asked").read_text().splitlines()
    assert update.startswith("update")
    assert install.endswith("--no-install-recommends its-package")


def test_nothing_is_installed_when_all_is_there(machine: Path) -> None:
    program(machine / "bin" / "logkiln-absent", "")
    assert run(machine).stdout == "tested\n"
    assert not (machine / "asked").exists()


def test_a_failed_installation_ends_the_run(machine: Path) -> None:
    program(machine / "bin" / "apt-get", "exit 100")
    done = run(machine)
    assert (done.returncode, done.stdout) == (100, "")
