"""Which Debian packages a run needs and which of them are missing."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from training.capture.program import Program

ALWAYS = ("iproute2", "util-linux", "procps", "python3")


class MissingPackagesError(RuntimeError):
    """Programs of the run are not installed."""


def check(programs: Iterable[type[Program]]) -> None:
    """Raise `MissingPackagesError` with the line that installs what is missing."""
    needed = sorted({*ALWAYS, *(name for program in programs for name in program.packages)})
    missing = [name for name in needed if not _installed(name)]
    if missing:
        raise MissingPackagesError(
            f"{len(missing)} Debian packages are missing; install them with:\n"
            f"  apt-get install --no-install-recommends {' '.join(missing)}"
        )


def _installed(name: str) -> bool:
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status}", name],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return done.stdout == "installed"


def install_node_modules(programs: Iterable[type[Program]], apps: Path) -> None:
    """Install what Node applications depend on; their run itself has no network."""
    for program in programs:
        if program.node_modules:
            command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
            done = subprocess.run(
                command, cwd=apps / program.name, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise MissingPackagesError(
                    f"npm could not install what {program.name} depends on:\n{done.stderr}"
                )
