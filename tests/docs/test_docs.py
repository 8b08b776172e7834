"""What the documents tell people to type works: blocks marked `sh run` are run, one after another.

A document's blocks share one shell session's folder and one database, in their order. Other `sh`
blocks need an account somewhere; of those, each command of ours must know the options it is given.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from local import postgres
from tests.docs.markdown import ROOT, blocks, documents

RUNNABLE = [path for path in documents() if any(block.word == "run" for block in blocks(path))]
OURS = re.compile(r"python3? -m ((?:sql|ingest|scoring|training|local|benchmarks)\b[\w.]*)(.*)")

COMMANDS = {"sql", "local", "benchmarks", "scoring.alerts", "training", "training.capture"}
"""Those whose first word is a command."""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, models_folder: Path) -> Path:
    """A clone with this virtualenv in it, and models that were trained on captured logs."""
    folder = tmp_path_factory.mktemp("docs") / "checkout"
    subprocess.run(["git", "clone", "--quiet", "--no-local", ROOT, folder], check=True)
    (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
    shutil.rmtree(folder / "onnx_models", ignore_errors=True)
    shutil.copytree(models_folder, folder / "onnx_models")
    return folder


def environment(url: str, server: postgres.Server, home: Path) -> dict[str, str]:
    """Return a person's environment: psql, an address, and nothing of ours."""
    kept = {name: os.environ[name] for name in ("LANG", "TMPDIR") if name in os.environ}
    path = f"{server.bin}:/usr/local/bin:/usr/bin:/bin"
    return {**kept, "PATH": path, "HOME": str(home), "DATABASE_URL": url}


@pytest.mark.slow
@pytest.mark.parametrize("path", RUNNABLE, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_in_documents_work(
    path: Path,
    checkout: Path,
    empty_database_url: str,
    postgres_server: postgres.Server,
    tmp_path: Path,
) -> None:
    for block in blocks(path):
        if block.word != "run":
            continue
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.text],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=checkout,
            env=environment(empty_database_url, postgres_server, tmp_path),
            timeout=200,
        )
        assert done.returncode == 0, f"{block.text}\n{done.stdout}"


@cache
def help_of(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words, "--help"],
        check=False, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, f"python -m {' '.join(words)}: {done.stderr}"
    return done.stdout


def mentioned(path: Path) -> list[tuple[str, str]]:
    """Return (module, rest of the line) of each command of ours in `path`, prose included."""
    found = []
    for line in path.read_text().splitlines():
        for module, rest in OURS.findall(line):
            found.append((module.rstrip("."), re.split(r"[`|>;&)]|#|, ", rest)[0]))
    return found


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_in_documents_exist_with_their_options(path: Path) -> None:
    for module, rest in mentioned(path):
        words = shlex.split(rest.replace("'", "").replace('"', ""))
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        text = help_of(module)
        command = words[0] if words and re.fullmatch(r"[a-z]+", words[0]) else None
        if command is not None and module in COMMANDS:
            assert command in text, f"python -m {module} knows no {command}"
            if module != "benchmarks":
                text += help_of(module, command)
        unknown = {option for option in options if option not in text}
        assert not unknown, f"python -m {module}{rest}"


def test_placeholders_are_not_run() -> None:
    for path in RUNNABLE:
        for block in blocks(path):
            assert block.word != "run" or not re.search(r"\b(YOUR|PASSWORD|HOST)\b", block.text)
