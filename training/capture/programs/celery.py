"""Celery, which runs the shop's background jobs over Redis."""

import json
import shutil
import time

from training.capture.box import APPS, Daemon, SetupError, end, kill, strike
from training.capture.program import Chore, FaultKind, Program

SOURCE = APPS / "receipts"
SETTINGS = {"template": "plain", "refusals": 0.04, "scaling": 0.1, "receipts_per_day": 31}
OWN = ("celery",)


class Celery(Program):
    """A worker with two processes, and the scheduler that feeds it."""

    name = "celery"
    packages = ("celery", "python3-celery", "python3-redis")
    stems = OWN
    version_command = ("celery", "--version")
    needs = ("redis",)
    patience = 20

    def prepare(self) -> None:
        """Deploy the jobs and their settings."""
        self.home = self.box.home("receipts", "www-data")
        shutil.copytree(SOURCE, self.home / "current", ignore=shutil.ignore_patterns("__py*"))
        self._level = "DEBUG"
        self._beat: Daemon | None = None
        self._settings()

    def start(self) -> None:
        """Start the worker and the scheduler, those that do not run, in the foreground."""
        if not self.alive():
            self.daemon = self._spawn("worker", "-c", "2", "-n", "receipts@app01")
        if self._beat is None or self._beat.poll() is not None:
            self._beat = self._spawn("beat")

    def stop(self) -> None:
        """Stop warmly: running jobs end first."""
        end(self._beat)
        end(self.daemon, patience=12)

    def wait_ready(self) -> None:
        """Wait until a job succeeds; a worker that lost its broker may live on and take none."""
        log = self.box.log("celery")
        position = log.stat().st_size if log.exists() else 0
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            self.start()  # what ended is started again, as a supervisor would
            time.sleep(0.5)
            if log.exists() and b"succeeded in" in log.read_bytes()[position:]:
                return
        raise SetupError(f"celery finished no job in {self.patience:.0f} s")

    def _spawn(self, *words: str) -> Daemon:
        environment = {
            "BROKER": f"redis://:{self.box.password('redis')}@127.0.0.1:6379/1",
            "SETTINGS": str(self.home / "settings.json"),
            "SCHEDULE": str(self.home / "schedule"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = ["/usr/bin/celery", "-A", "tasks", *words, "-l", self._level]
        if words[0] == "beat":
            command += ["--pidfile="]
        return self.box.spawn(
            command,
            user="www-data",
            output="celery",
            cwd=self.home / "current",
            env=environment,
        )

    def work(self) -> list[Chore]:
        """Restart at another level now and then."""
        return [Chore("restart", 170, self._restart_at_other_level, disruptive=True)]

    def faults(self) -> list[FaultKind]:
        """Break its settings, its processes and its time limits."""
        return [
            FaultKind("celery-failing-tasks", "celery", OWN, self._failing),
            FaultKind("celery-time-limits", "celery", OWN, self._slow),
            FaultKind("celery-processes-killed", "celery", OWN, self._kill_children),
            FaultKind("celery-mailboxes-refuse", "celery", OWN, self._refuse),
            FaultKind("celery-killed", "celery", OWN, self._kill),
        ]

    def _settings(self, **changes: object) -> None:
        self.box.write(self.home / "settings.json", json.dumps({**SETTINGS, **changes}), "www-data")

    def _restart_at_other_level(self) -> None:
        self._level = "INFO" if self._level == "DEBUG" else "DEBUG"
        self.restart()

    def _failing(self) -> None:
        """Deploy settings that make jobs raise."""
        settings = {key: value for key, value in SETTINGS.items() if key != "template"}
        text = json.dumps({**settings, "receipts_per_day": 0})
        self.box.write(self.home / "settings.json", text, "www-data")
        self.box.pause(self.box.rng.uniform(11, 15))
        self._settings()

    def _slow(self) -> None:
        self._settings(scaling=30)
        self.box.pause(17)
        self._settings()
        self.box.pause(4)

    def _kill_children(self) -> None:
        for _ in range(4):
            strike(self.workers())
            self.box.pause(3)

    def _refuse(self) -> None:
        self._settings(refusals=0.97)
        self.box.pause(self.box.rng.uniform(10, 14))
        self._settings()
        self.box.pause(3)

    def _kill(self) -> None:
        orphans = self.workers()
        kill(self.daemon)
        strike(orphans)
        self.box.pause(4)
        self.start()
        self.wait_ready()
        self.box.pause(2)
