"""The page, built by Vite from `dashboard/`, when its sources have changed."""

import hashlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from local import node
from local.errors import DashboardError
from local.lease import Lease

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "dashboard"
STAMPS = ROOT / ".local"
MADE = ("node_modules", "dist")


def build(
    say: Callable[[str], None] = print, sources: Path = SOURCES, stamps: Path = STAMPS
) -> Path:
    """Build the page in `sources` if need be; return the folder of the finished files."""
    if not (sources / "package.json").is_file():
        raise DashboardError(f"there is no {sources / 'package.json'}: the checkout is not whole")
    stamps.mkdir(parents=True, exist_ok=True)
    lease = Lease(stamps / "dashboard")
    try:
        with lease.turn():
            _build(say, sources, stamps)
    finally:
        lease.close()
    return sources / "dist"


def _build(say: Callable[[str], None], sources: Path, stamps: Path) -> None:
    built = _Stamp(stamps / "dashboard.built", source_files(sources))
    if built.holds and (sources / "dist" / "index.html").is_file():
        return
    environment = node.environment(say)
    installed = _Stamp(stamps / "dashboard.installed", iter([sources / "package-lock.json"]))
    if not (installed.holds and (sources / "node_modules").is_dir()):
        say("installing the page's packages")
        # Nothing that we use needs a script of its own at installation.
        _npm(sources, environment, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        installed.set()
    say("building the page")
    _npm(sources, environment, "run", "build")
    built.set()


def _npm(sources: Path, environment: dict[str, str], *arguments: str) -> None:
    command = ["npm", *arguments]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=sources, env=environment
    )
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-15:]
        raise DashboardError(f"`{' '.join(command)}` failed in {sources}:\n" + "\n".join(said))


def source_files(sources: Path) -> Iterator[Path]:
    """Yield every file of `sources` that is not made by npm or Vite, in a fixed order."""
    for path in sorted(sources.iterdir()):
        if path.is_file():
            yield path
        elif path.name not in MADE:
            yield from sorted(file for file in path.rglob("*") if file.is_file())


class _Stamp:
    """A file that says from which files something was last made."""

    def __init__(self, path: Path, files: Iterator[Path]) -> None:
        self._path = path
        digest = hashlib.sha256()
        for file in files:
            digest.update(f"{file}\0{file.stat().st_size}\0".encode())
            digest.update(file.read_bytes())
        self._digest = digest.hexdigest()

    @property
    def holds(self) -> bool:
        """True while the files are those it was last set for."""
        return self._path.is_file() and self._path.read_text() == self._digest

    def set(self) -> None:
        """Say that the thing is now made from these files."""
        self._path.write_text(self._digest)
