"""The nightly retraining, rehearsed: the notebook runs on captured logs and proposes new models."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scoring.model import Models
from sql.database import connect
from tests.models import sliced
from tests.workflows.workflow import Runner, read, run_steps

DAYS = 4


def rehearse_retraining(runner: Runner, url: str) -> None:
    """A challenger that is as good is proposed, with its reasons; the notebook is kept, executed.

    All is real but `pip`, which notes its words, since what it would install is here already, and
    `gh`, which does so because there is no GitHub here; `git push` goes to the clone that was
    cloned.
    """
    with own_runner(runner) as ours:
        first = champion(ours, url)
        words = program(ours, "gh", 'echo "$@" >>"$HOME/gh"')
        ran, summary = ours.run("retrain.yml", url)
        assert [step.code for step in ran] == [0] * 5, ran[-1].output
        assert (ours.home / "pip").read_text().endswith("-r requirements/notebook.txt\n")
        second = Models(ours.clone / "onnx_models").version
        assert f"promoted: model {second}, in place of {first}\nok  parity: " in summary
        said = (ours.home / "gh").read_text().splitlines()
        assert [line.split(" --")[0] for line in said] == ["auth setup-git", "pr list", "pr create"]
        assert f"--title Put model {second} in place" in said[2]
        proposed = git(runner.clone, "show", "retrain:onnx_models/manifest.json")
        assert json.loads(proposed)["version"] == second
        files = git(runner.clone, "diff", "--name-only", "HEAD", "retrain").splitlines()
        assert all(name.startswith("onnx_models/") for name in files)
        assert f"onnx_models/previous/{first}/manifest.json" in files
        plots = executed(ours.clone / "retrained" / "nightly_retrain.ipynb")
        assert plots == 4, plots
        # A machine without gh says what it leaves out.
        words.unlink()
        git(ours.clone, "checkout", "--quiet", "-")  # which may be no branch: a pull request
        job = read("retrain.yml")["jobs"]["propose"]
        context = {"needs.retrain.outputs.version": second}
        (step,) = run_steps(job, context, ours.clone, ours.environment)
        assert (step.code, step.output[:9]) == (0, "::warning")


@contextmanager
def own_runner(runner: Runner) -> Iterator[Runner]:
    """Yield a runner whose clone may be changed, with our Python."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        git(home, "clone", "--quiet", "--no-local", str(runner.clone), "checkout")
        ours = Runner(home / "checkout", home)
        program(ours, "python", f'exec {sys.executable} "$@"')
        program(ours, "pip", 'echo "$@" >>"$HOME/pip"')
        yield ours


def program(runner: Runner, name: str, script: str) -> Path:
    """Put a program on the runner's path."""
    path = runner.home / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def champion(runner: Runner, url: str) -> str:
    """Let a champion that was trained two days ago score the logs of five days; return it."""

    def run(*words: str) -> None:
        environment = {**os.environ, "DATABASE_URL": url}
        subprocess.run(
            [sys.executable, "-m", *words], check=True, cwd=runner.clone, env=environment
        )

    (runner.home / "logs").mkdir()
    run("sql", "migrate")
    run("ingest", *map(str, sliced(runner.home / "logs")))
    database = connect(url)
    with database.transaction():
        database.execute("tests.went_on_for_days", days=DAYS)
    run("training", "--folder", "onnx_models", "--until", "2d", "--budget", "0.01")
    run("scoring", "--all")
    with database.transaction():
        database.execute("tests.judge_anomalies", count=6, confirmed=3)
    database.close()
    git(runner.clone, *IDENTITY, "commit", "--quiet", "--all", "--message", "The champion")
    return Models(runner.clone / "onnx_models").version


IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")


def git(folder: Path, *words: str) -> str:
    """Run git in `folder`; return what it says."""
    done = subprocess.run(["git", *words], check=True, capture_output=True, text=True, cwd=folder)
    return done.stdout


def executed(path: Path) -> int:
    """Return the number of plots in a notebook whose every cell was executed."""
    cells = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in cells)
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert "promoted: model" in "".join(outputs[-1]["text"])
    return sum("image/png" in output.get("data", {}) for output in outputs)
