"""Node.js with npm: the machine's own, or one that is installed into the virtualenv."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from local.errors import NodeError

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "requirements" / "node.txt"
CACHE = ROOT / ".cache"
OLDEST_NODE = (20, 19)
"""What Vite asks for."""


def environment(say: Callable[[str], None] = print) -> dict[str, str]:
    """Return an environment in which `node` and `npm` run, installing them if need be."""
    given = dict(os.environ)
    if is_usable(given):
        return given
    ours = given | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{given.get('PATH', '')}"}
    if not is_usable(ours):
        say("npm is missing or too old: installing Node.js into the virtualenv")
        install()
        if not is_usable(ours):
            raise NodeError(
                f"the Node.js of {REQUIREMENTS.name} does not run on this machine: install "
                f"Node.js {OLDEST_NODE[0]} or newer with npm"
            )
    return ours


def is_usable(env: Mapping[str, str]) -> bool:
    """Say whether `node` is new enough and `npm` runs in the environment `env`."""
    version = _answer("node", env)
    found = re.match(r"v(\d+)\.(\d+)", version or "")
    if found is None or (int(found[1]), int(found[2])) < OLDEST_NODE:
        return False
    return _answer("npm", env) is not None


def _answer(program: str, env: Mapping[str, str]) -> str | None:
    path = shutil.which(program, path=env.get("PATH"))
    if path is None:
        return None
    try:
        done = subprocess.run(
            [path, "--version"], check=False, capture_output=True, text=True, env=env, timeout=60
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def packages(sources: Path, env: Mapping[str, str]) -> Path:
    """Return the `node_modules` of what `sources` locks; it is installed once for each lock.

    Raises NodeError.
    """
    lock = sources / "package-lock.json"
    folder = CACHE / f"{sources.name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for path in (sources / "package.json", lock):
            shutil.copy2(path, folder)
        # Not `npm ci`: it wants the other platforms' programs in the lock, which are not needed.
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd=folder, env=env
        )
        if done.returncode != 0:
            said = (done.stdout + done.stderr).strip().splitlines()[-20:]
            raise NodeError(
                f"npm could not install what {lock} names; run again once the network is there:\n"
                + "\n".join(said)
            )
        (folder / "installed").touch()
    return folder / "node_modules"


def install() -> None:
    """Install Node.js and npm beside this Python."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes"]
    done = subprocess.run(
        [*command, "--disable-pip-version-check", "-r", str(REQUIREMENTS)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["pip gave no reason"]
        raise NodeError(
            f"Node.js could not be installed: {said[-1]}: install Node.js "
            f"{OLDEST_NODE[0]} or newer with npm, then run again"
        )
