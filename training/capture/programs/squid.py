"""Squid, the proxy through which the office reaches the web services."""

import contextlib
import http.client
import signal
import socket
import time

from training.capture.box import ROOT, listening
from training.capture.program import Chore, FaultKind, Program

CONFIGURATION = """\
http_port 127.0.0.1:3128
visible_hostname app01
cache_log {log}/squid-cache.log
access_log stdio:{log}/squid-access.log squid
logfile_rotate 0
pid_filename {home}/squid.pid
coredump_dir {home}
cache_effective_user proxy
cache_dir ufs {home}/spool 16 4 16
cache_mem 8 MB
maximum_object_size 200 KB
request_header_max_size 4 KB
shutdown_lifetime 2 seconds
connect_timeout 2 seconds
read_timeout 5 seconds
pinger_enable off
netdb_filename none
dns_nameservers 127.0.0.1
max_filedescriptors {files}
debug_options {debug}
acl office src 127.0.0.0/8
acl blocked urlpath_regex -i \\.(exe|torrent)$
acl CONNECT method CONNECT
http_access deny blocked
http_access deny CONNECT
http_access allow office
http_access deny all
"""
OWN = ("squid-access", "squid-cache")


class Squid(Program):
    """`squid` on port 3128, in front of the services of the run."""

    name = "squid"
    packages = ("squid",)
    stems = OWN
    version_command = ("squid", "-v")
    needs = ("bind", "apache")

    def prepare(self) -> None:
        """Write the configuration and lay out the cache."""
        self.home = self.box.home("squid", "proxy")
        for stem in OWN:
            self.box.write(self.box.log(stem), "", "proxy")
        self._configure()
        self.box.must(["squid", "-N", "-z", "-f", self._file])

    def start(self) -> None:
        """Start in the foreground."""
        (self.home / "squid.pid").unlink(missing_ok=True)
        self.daemon = self.box.spawn(["squid", "-N", "-f", self._file], output="squid-cache")

    def ready(self) -> bool:
        """Tell whether it accepts connections."""
        return listening(3128)

    def work(self) -> list[Chore]:
        """Browse, meet blocked and missing pages, reload, rotate, look closer."""
        return [
            Chore("page", 0.8, self._page),
            Chore(
                "blocked file",
                18,
                lambda: self._ask("GET", "http://www.example.org:8082/setup.exe"),
            ),
            Chore("unknown host", 25, lambda: self._ask("GET", "http://www.nowhere.test/")),
            Chore("tunnel", 35, lambda: self._ask("CONNECT", "127.0.0.1:443")),
            Chore("reload", 90, lambda: self.signal(signal.SIGHUP), disruptive=True),
            Chore("rotation", 110, lambda: self.signal(signal.SIGUSR1), disruptive=True),
            Chore("look closer", 140, self._look_closer, disruptive=True),
        ]

    def faults(self) -> list[FaultKind]:
        """Lose origins, configuration, descriptors and cache; garble; kill."""
        return [
            FaultKind("squid-origins-down", "squid-access", OWN, self._dead_origins),
            FaultKind("squid-bad-configuration", "squid-cache", OWN, self._misconfigure),
            FaultKind("squid-killed", "squid-cache", OWN, lambda: self.crash(3, 6)),
            FaultKind("squid-malformed-requests", "squid-access", OWN, self._malformed),
            FaultKind("squid-cache-damaged", "squid-cache", OWN, self._damage_cache),
            FaultKind("squid-few-descriptors", "squid-cache", OWN, self._exhaust),
        ]

    def _configure(self, files: int = 256, debug: str = "ALL,1", extra: str = "") -> None:
        text = CONFIGURATION.format(log=ROOT / "log", home=self.home, files=files, debug=debug)
        self._file = self.box.write(self.home / "squid.conf", text + extra)

    def _ask(self, method: str, url: str) -> None:
        source = (f"127.0.6.{self.box.rng.randint(2, 40)}", 0)
        client = http.client.HTTPConnection("127.0.0.1", 3128, 8, source_address=source)
        try:
            client.request(method, url, headers={"User-Agent": "office-browser/1.0"})
            client.getresponse().read()
        finally:
            client.close()

    def _page(self) -> None:
        number = self.box.rng.randint(1, 30)
        pages = (
            "intranet/",
            f"intranet/page{number}.html",
            f"intranet/page{number % 4}.html",
            f"cgi/holidays.py?year={1990 + number}",
            "intranet/files/",
            "intranet/staff/",
        )
        self._ask("GET", f"http://www.example.org:8082/{self.box.rng.choice(pages)}")

    def _look_closer(self) -> None:
        self._configure(debug="ALL,1 11,2 17,2 44,2")
        self.signal(signal.SIGHUP)
        self.box.stopping.wait(12)
        self._configure()
        self.signal(signal.SIGHUP)

    def _dead_origins(self) -> None:
        for _ in range(45):
            port = self.box.rng.choice((9001, 9002, 9003))
            path = f"api/{self.box.rng.randint(1, 50)}"
            self.attempt(self._ask, "GET", f"http://127.0.0.1:{port}/{path}")
            self.box.pause(0.25)

    def _misconfigure(self) -> None:
        for bad in ("http_acces allow all\n", "cache_mem lots\n", "acl broken src 300.1.1.1\n"):
            self._configure(extra=bad)
            self.signal(signal.SIGHUP)
            self.box.pause(2.5)
            if not self.alive():
                self.start()
                self.box.pause(1.5)
        self._configure()
        self.restart()

    def _malformed(self) -> None:
        flood = (
            b"GET http:///x HTTP/1.1",
            b"\x16\x03\x01\x00\xa5",
            b"HELLO",
            b"GET http://h/" + b"a" * 7000 + b" HTTP/1.1",
            b"GET ftp:x HTTP/1.0",
            b"GET http://h:99999/ HTTP/1.1",
            b"POST http://h/ HTTP/1.1",
            b"GET / HTTP/1.1\r\nContent-Length: x",
        )
        for _ in range(90):
            self.box.send(3128, self.box.rng.choice(flood) + b"\r\n\r\n")
            self.box.pause(0.1)

    def _damage_cache(self) -> None:
        """Take the cache's folders away from under it, and have it rebuild them."""
        spool, aside = self.home / "spool", self.home / "spool.old"
        spool.rename(aside)
        for _ in range(10):
            self.attempt(self._page)
            self.box.pause(0.7)
        self.stop()
        for _ in range(2):
            self.start()
            self.box.pause(2.5)
        aside.rename(spool)
        self.restart()

    def _exhaust(self) -> None:
        """Allow few file descriptors and hold connections open."""
        self._configure(files=70)
        self.restart()
        held: list[socket.socket] = []
        until = time.monotonic() + 9
        while time.monotonic() < until:
            with contextlib.suppress(OSError):  # refused or left waiting, as meant
                held.append(self.box.connect(3128))
            self.box.pause(0.06)
        self.box.pause(3)
        for client in held:
            client.close()
        self._configure()
        self.restart()
