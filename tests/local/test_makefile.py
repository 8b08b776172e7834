"""`make` finds a Python that works, or says that there is none, and installs only what changed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = ("python3.13", "python3.12", "python3.11", "python3", "python")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The Makefile, and requirements that ask for nothing."""
    return fill(tmp_path)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which the virtualenv was made."""
    checkout = fill(tmp_path_factory.mktemp("made"))
    done = make(checkout, ".venv/.local", f"PYTHON={sys.executable}")
    assert done.returncode == 0, done.stderr
    return checkout


@pytest.fixture
def made(made_once: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(made_once, tmp_path / "checkout", symlinks=True)


def fill(folder: Path) -> Path:
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "requirements").mkdir()
    (folder / "requirements" / "local.txt").touch()
    (folder / "shims").mkdir()
    for name in NAMES:
        program(folder / "shims" / name, "echo 'no such version' >&2; exit 127")
    return folder


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def make(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = f"{checkout / 'shims'}:{os.environ['PATH']}"
    # A make around this one (`make test`) would pass its flags on.
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "PYTHON")}
    return subprocess.run(
        ["make", *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=checkout,
        env={**environment, "PATH": path},
        timeout=120,
    )


def test_shims_and_old_versions_are_passed_over(checkout: Path) -> None:
    program(checkout / "shims" / "python3.12", "exit 1")  # what an older Python answers
    (checkout / "shims" / "python3").unlink()
    program(checkout / "shims" / "python3", f'exec {sys.executable} "$@"')
    done = make(checkout, ".venv/.local")
    assert done.returncode == 0, done.stderr
    assert "python3 -m venv" in done.stdout
    again = make(checkout, ".venv/.local")
    assert "up to date" in again.stdout


def test_without_a_python_the_error_says_what_to_install(checkout: Path) -> None:
    done = make(checkout, ".venv/.local")
    assert done.returncode != 0
    assert "no Python 3.11 or newer with venv was found: install one" in done.stderr
    assert not (checkout / ".venv").exists()


def test_a_changed_lock_is_installed(made: Path) -> None:
    (made / "requirements" / "local.txt").write_text("# changed\n")
    stamp = made / ".venv" / ".local"
    os.utime(stamp, (0, 0))
    done = make(made, ".venv/.local")
    assert "pip install" in done.stdout
    assert "venv --clear" not in done.stdout


def test_a_virtualenv_whose_python_has_gone_is_made_anew(made: Path) -> None:
    python = made / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nonexistent/python3")
    done = make(made, ".venv/.local", f"PYTHON={sys.executable}")
    assert done.returncode == 0, done.stderr
    assert subprocess.run([python, "-m", "pip", "--version"], check=False).returncode == 0


def test_an_interrupted_virtualenv_is_made_anew(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    done = make(checkout, ".venv/.local", f"PYTHON={sys.executable}")
    assert done.returncode == 0, done.stderr
    assert (checkout / ".venv" / "pyvenv.cfg").exists()


def test_a_missing_program_is_named_with_the_command_that_brings_it(checkout: Path) -> None:
    (checkout / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "missing", checkout / ".ci")
    (checkout / ".ci" / "packages").write_text("no-such-program its-package\nsh dash\n")
    done = make(checkout, "system")
    assert done.returncode != 0
    assert "run .ci/run, or as root: apt-get install its-package \n" in done.stderr
