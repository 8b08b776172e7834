"""The shop, a Python web application of ours under gunicorn."""

import http.client
import shutil
import signal

from training.capture.box import APPS, kill, strike
from training.capture.program import Chore, FaultKind, Program

SOURCE = APPS / "shop"
CLIENTS = ("shop", "gunicorn", "nginx-access", "nginx-error")


class Shop(Program):
    """gunicorn on port 8000 with three workers."""

    name = "shop"
    packages = ("gunicorn", "python3-flask", "python3-psycopg2", "python3-redis")
    stems = ("shop", "gunicorn")
    needs = ("postgresql", "redis", "nginx", "visitors")
    version_command = ("gunicorn", "--version")

    def prepare(self) -> None:
        """Deploy the application."""
        self.home = self.box.home("shop", "www-data")
        self.code = self.home / "current"
        shutil.copytree(SOURCE, self.code, ignore=shutil.ignore_patterns("__pycache__"))
        self.box.write(self.box.log("shop"), "", "www-data")

    def start(self) -> None:
        """Start in the foreground."""
        dsn = f"host=127.0.0.1 dbname=shop user=shop password={self.box.password('shop')}"
        self.daemon = self.box.spawn(
            ["/usr/bin/gunicorn", "--bind", "127.0.0.1:8000", "--workers", "3", "--timeout", "6",
             "--graceful-timeout", "5", "--max-requests", "700", "--max-requests-jitter", "200",
             "--log-level", "debug", "--name", "shop", "--chdir", self.code, "wsgi:app"],
            user="www-data",
            output="gunicorn",
            env={"DATABASE_DSN": dsn, "REDIS_PASSWORD": self.box.password("redis"),
                 "SHOP_LOG": str(self.box.log("shop")), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip

    def ready(self) -> bool:
        """Tell whether the shop answers."""
        client = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
        try:
            client.request("GET", "/healthz")
            return client.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            client.close()

    def work(self) -> list[Chore]:
        """Deploy the same release again, gracefully."""
        return [
            Chore("deploy", 170, self._reload, disruptive=True),
            Chore("more workers", 230, self._scale, disruptive=True),
        ]

    def faults(self) -> list[FaultKind]:
        """Release a bug, kill and stop workers, stop the whole application."""
        return [
            FaultKind("shop-faulty-release", "shop", CLIENTS, self._release_fault),
            FaultKind("shop-workers-killed", "gunicorn", CLIENTS, self._kill_workers),
            FaultKind("shop-workers-hang", "gunicorn", CLIENTS, self._hang_workers),
            FaultKind("shop-down", "nginx-error", CLIENTS, self._down, needs=("nginx",)),
            FaultKind("shop-import-error", "gunicorn", CLIENTS, self._import_error),
            FaultKind("shop-garbled-requests", "shop", CLIENTS, self._garble),
        ]

    def _reload(self) -> None:
        self.signal(signal.SIGHUP)
        self.box.stopping.wait(2)
        self.wait_ready()

    def _scale(self) -> None:
        for sign in (signal.SIGTTIN, signal.SIGTTOU):
            self.signal(sign)
            self.box.stopping.wait(8)

    def _release(self, name: str) -> None:
        """Put another pricing module in place, as a deployment would."""
        shutil.copy(SOURCE / name, self.code / "pricing.py")
        self._reload()

    def _release_fault(self) -> None:
        shutil.copy(SOURCE / "pricing_faulty.py", self.code / "pricing.py")
        self.signal(signal.SIGHUP)
        self.box.pause(self.box.rng.uniform(11, 16))
        self._release("pricing.py")

    def _kill_workers(self) -> None:
        for _ in range(4):
            strike(self.workers()[:2])
            self.box.pause(2.5)

    def _hang_workers(self) -> None:
        """Freeze workers so that the arbiter's timeout kills them."""
        for _ in range(2):
            strike(self.workers(), signal.SIGSTOP)
            self.box.pause(8)
        self.wait_ready()

    def _down(self) -> None:
        orphans = self.workers()
        kill(self.daemon)
        strike(orphans)
        self.box.pause(self.box.rng.uniform(7, 11))
        self.start()
        self.wait_ready()

    def _import_error(self) -> None:
        """Release a module that does not even import; the arbiter gives up."""
        self.box.write(self.code / "pricing.py", "from decimal import Dezimal\n")
        for _ in range(2):
            if self.daemon and self.daemon.poll() is None:
                self.daemon.send_signal(signal.SIGHUP)
            self.box.pause(3)
            if self.daemon and self.daemon.poll() is not None:
                self.start()
            self.box.pause(2)
        shutil.copy(SOURCE / "pricing.py", self.code / "pricing.py")
        if self.daemon and self.daemon.poll() is None:
            self._reload()
        else:
            self.start()
            self.wait_ready()

    def _garble(self) -> None:
        """Send bodies that are no JSON, or JSON of another shape."""
        bodies = (b"{", b"[]", b"\xff\xfe\x00", b'{"customer": "x", "lines": {}}', b"null",
                  b'{"customer": 1}', b'{"customer": 99999, "lines": {"1": 1}}',
                  b'{"customer": 1, "lines": {"1": "many"}}')  # fmt: skip
        for _ in range(90):
            self.attempt(self._post, self.box.rng.choice(bodies))
            self.box.pause(0.12)

    def _post(self, body: bytes) -> None:
        client = http.client.HTTPConnection("127.0.0.1", 8080, timeout=5)
        try:
            client.request("POST", self.box.rng.choice(("/orders", "/login")), body)
            client.getresponse().read()
        finally:
            client.close()
