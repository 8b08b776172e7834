"""The scorer runs where nothing but its own requirements is installed."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sql.database import Database
from tests.scoring.checks import check_exactly_once
from tests.scoring.conftest import make

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements" / "scoring.txt"
ABSENT = ("sklearn", "skl2onnx", "scipy", "joblib", "onnx", "tqdm")


@pytest.fixture(scope="module")
def python() -> Path:
    """A virtual environment's Python with the locked requirements of scoring, made once."""
    of = f"{sys.version_info.major}.{sys.version_info.minor} {REQUIREMENTS.read_text()}"
    folder = ROOT / ".cache" / f"scoring-{hashlib.sha256(of.encode()).hexdigest()[:12]}"
    done = folder / "done"
    python = folder / "bin" / "python"
    if not done.is_file():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install = ("install", "--quiet", "--disable-pip-version-check", "--require-hashes")
        subprocess.run([python, "-m", "pip", *install, "-r", REQUIREMENTS], check=True)
        done.touch()
    return python


def test_none_of_the_training_libraries_is_there(python: Path) -> None:
    for name in ABSENT:
        done = subprocess.run([python, "-c", f"import {name}"], check=False, capture_output=True)
        assert b"ModuleNotFoundError" in done.stderr, name


@pytest.mark.slow
def test_it_scores_there(
    python: Path, models_folder: Path, database: Database, database_url: str
) -> None:
    make(database, 1000)

    def run() -> subprocess.CompletedProcess[str]:
        command = [
            str(python),
            "-W",
            "error",
            "-m",
            "scoring",
            "--json",
            "--folder",
            str(models_folder),
        ]
        environment = {**os.environ, "DATABASE_URL": database_url}
        return subprocess.run(
            command, check=False, capture_output=True, text=True, cwd=ROOT, env=environment
        )

    first = run()
    assert (first.returncode, first.stderr) == (0, "")
    assert json.loads(first.stdout)["count_logs"] == 1000
    second = run()
    assert (second.returncode, second.stdout, second.stderr) == (0, "null\n", "")
    check_exactly_once(database)
