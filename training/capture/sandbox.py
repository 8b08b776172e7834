"""The Linux namespaces a run lives in: nothing it does outlives it or reaches another machine.

The run has its own processes, host name, mounts and network. The network has the loopback
interface alone, so programs listen on their usual ports and can reach nothing else. `/etc` and
`/var` are overlays and `/dev`, `/run`, `/tmp` are fresh: the machine's own files stay as they are.
When the first process of the namespace ends, the kernel ends all others and drops the mounts.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from training.capture.box import ROOT, children, strike

HOSTNAME = "app01"
INTERPRETER = "/usr/bin/python3"  # Debian's: it sees the client libraries installed as packages
PACKAGE = Path(__file__).resolve().parent
DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9)}


class SandboxError(RuntimeError):
    """The sandbox cannot be made here."""


def outer(run: str) -> Path:
    """Give the folder that holds the run's `/srv`, as seen from outside the sandbox."""
    return Path(f"/srv/{ROOT.name}-{run}")


def lay_out(run: str) -> Path:
    """Make the folder of the run with a copy of this package; give the copy's place."""
    if os.geteuid() != 0:
        raise SandboxError(
            "run was started as a plain user, but mounts, namespaces and service users need root: "
            "start it as root, for example with sudo"
        )
    if outer(run).exists():
        raise SandboxError(
            f"{outer(run)} exists: a run of this name is going on, or one died; if so, remove it"
        )
    root = outer(run) / ROOT.name
    for folder in ("log", "code/training"):
        (root / folder).mkdir(parents=True)
    (root / "log").chmod(0o1777)
    (root / "code/training/__init__.py").touch()
    copy = root / "code/training/capture"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("corpus", "__py*", "node_modules"))
    return copy


def enter(run: str, arguments: list[str]) -> int:
    """Run `python -m training.capture inside ARGUMENTS` in new namespaces; give its exit status."""
    inside = [INTERPRETER, "-m", "training.capture", "inside", run, *arguments]
    # A shell is the first process: it reaps what daemons leave behind, which Python would not.
    command = ["unshare", "--mount", "--uts", "--net", "--pid", "--ipc", "--fork", "--kill-child"]
    command += ["--mount-proc", "bash", "-c", '"$@"; exit $?', "init", *inside]
    code = outer(run) / ROOT.name / "code"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(code), "TZ": "UTC"}
    # A session of its own: a Ctrl-C reaches this process alone, which passes it on once.
    child = subprocess.Popen(command, cwd="/", env=environment, start_new_session=True)
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                shells = children(child.pid)
                strike((pid for shell in shells for pid in children(shell)), signal.SIGINT)
    finally:
        signal.signal(signal.SIGTERM, previous)


def remove(run: str) -> None:
    """Remove the folder of the run, after its namespaces are gone."""
    shutil.rmtree(outer(run))


def furnish(run: str) -> None:
    """Give the namespaces we are in their host name, loopback interface and mounts."""
    if os.getppid() != 1:
        raise SandboxError("inside is for run to call: it would change this machine's mounts")
    _do("mount", "--bind", str(outer(run)), "/srv")
    _do("hostname", HOSTNAME)
    _do("ip", "link", "set", "lo", "up")
    for name in ("etc", "var", "home"):
        upper, scratch = ROOT / f".{name}", ROOT / f".{name}-work"
        upper.mkdir()
        scratch.mkdir()
        options = f"lowerdir=/{name},upperdir={upper},workdir={scratch}"
        _do("mount", "-t", "overlay", "overlay", "-o", options, f"/{name}")
    _private_dev()
    for target, mode in (("/run", "0755"), ("/tmp", "1777")):
        _do("mount", "-t", "tmpfs", "-o", f"mode={mode},size=256m", "tmpfs", target)
    Path("/run/lock").mkdir(mode=0o1777)
    Path("/etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {HOSTNAME}\n", encoding="utf-8")
    Path("/etc/hostname").write_text(f"{HOSTNAME}\n", encoding="utf-8")
    resolver = Path("/etc/resolv.conf")
    resolver.unlink(missing_ok=True)
    resolver.write_text("nameserver 127.0.0.1\n", encoding="utf-8")
    # Crash reports quote it; who built this machine's kernel where is nobody's business.
    version = ROOT / ".version"
    version.write_text("Linux version 6 (kernel@build) #1 SMP\n", encoding="utf-8")
    _do("mount", "--bind", str(version), "/proc/version")
    localtime = Path("/etc/localtime")
    localtime.unlink(missing_ok=True)
    localtime.symlink_to("/usr/share/zoneinfo/Etc/UTC")


def mount_small(folder: Path, mebibytes: int, user: str) -> None:
    """Mount a small memory file system on `folder`, to be filled by a full-disk fault."""
    folder.mkdir(parents=True, exist_ok=True)
    _do("mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=0700", "tmpfs", str(folder))
    shutil.chown(folder, user, user)


def _private_dev() -> None:
    staging = ROOT / ".dev"
    staging.mkdir()
    _do("mount", "-t", "tmpfs", "-o", "mode=0755,size=4m", "tmpfs", str(staging))
    for name, (major, minor) in DEVICES.items():
        os.mknod(staging / name, 0o20666, os.makedev(major, minor))
        (staging / name).chmod(0o666)
    os.mknod(staging / "tty", 0o20666, os.makedev(5, 0))
    (staging / "tty").chmod(0o666)
    for name in ("pts", "shm"):
        (staging / name).mkdir()
    _do("mount", "-t", "devpts", "-o", "newinstance,ptmxmode=0666", "devpts", f"{staging}/pts")
    _do("mount", "-t", "tmpfs", "-o", "mode=1777,size=512m", "tmpfs", f"{staging}/shm")
    (staging / "ptmx").symlink_to("pts/ptmx")
    (staging / "fd").symlink_to("/proc/self/fd")
    _do("mount", "--move", str(staging), "/dev")


def _do(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        raise SandboxError(f"{' '.join(argv)} exited {done.returncode}: {done.stderr.strip()}")
