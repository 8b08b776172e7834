"""HAProxy, the entrance to every web service of the run, logging through syslog."""

import signal
import socket
import time

from training.capture.box import end, listening
from training.capture.program import Chore, FaultKind, Program

CONFIGURATION = """\
global
    log /dev/log local0 debug
    maxconn 200
    user haproxy
    group haproxy
    stats socket {home}/admin.sock mode 600 level admin
defaults
    log global
    mode http
    option httplog
    option log-health-checks
    option redispatch
    retries 2
    timeout connect 2s
    timeout client 8s
    timeout server 8s
    timeout check 2s
    timeout http-request 4s
frontend entrance
    bind 127.0.0.1:80
    maxconn {maximum}
    acl inventory path_beg /inventory
    acl charge path_beg /charge
    acl intranet path_beg /intranet
    http-request deny if {{ path_beg /private }}
    use_backend inventory if inventory
    use_backend payments if charge
    use_backend intranet if intranet
    default_backend shop
backend shop
    option httpchk GET /static/shop.css
    server nginx 127.0.0.1:8080 check inter 3s fall 2 rise 2
backend inventory
    option httpchk GET /inventory/
    server tomcat 127.0.0.1:8081 check inter 3s fall 2 rise 2 maxconn 30
backend payments
    option httpchk GET /health
    server node1 127.0.0.1:4000 check inter 3s fall 2 rise 2
backend intranet
    option httpchk GET /intranet/
    server apache 127.0.0.1:8082 check inter 3s fall 2 rise 2
"""
OWN = ("haproxy",)


class HaProxy(Program):
    """`haproxy` on port 80."""

    name = "haproxy"
    packages = ("haproxy",)
    stems = OWN
    version_command = ("haproxy", "-v")
    needs = ("rsyslog", "nginx")

    def prepare(self) -> None:
        """Write the configuration."""
        self.home = self.box.home("haproxy", "haproxy")
        self._configure()

    def start(self) -> None:
        """Start the master and its worker in the foreground."""
        self.daemon = self.box.spawn_for_syslog(
            "haproxy", ["haproxy", "-W", "-db", "-f", self._file]
        )

    def ready(self) -> bool:
        """Tell whether it accepts connections."""
        return listening(80)

    def stop(self) -> None:
        """Let requests end, then stop."""
        end(self.daemon, signal.SIGUSR1, patience=12)

    def work(self) -> list[Chore]:
        """Reload, drain a server for maintenance, probe."""
        return [
            Chore("reload", 100, self._reload, disruptive=True),
            Chore("maintenance", 130, self._maintain, disruptive=True),
            Chore("bad request", 35, self._probe),
        ]

    def faults(self) -> list[FaultKind]:
        """Break its configuration, its servers' checks, its connection limit."""
        return [
            FaultKind("haproxy-bad-configuration", "haproxy", OWN, self._misconfigure),
            FaultKind("haproxy-connections-exhausted", "haproxy", OWN, self._exhaust),
            FaultKind("haproxy-killed", "haproxy", OWN, lambda: self.crash(3, 6)),
            FaultKind("haproxy-malformed-requests", "haproxy", OWN, self._malformed),
            FaultKind("haproxy-backend-disabled", "haproxy", OWN, self._disable),
        ]

    def _configure(self, maximum: int = 100) -> None:
        self._good = CONFIGURATION.format(home=self.home, maximum=maximum)
        self._file = self.box.write(self.home / "haproxy.cfg", self._good)

    def _reload(self) -> None:
        self.signal(signal.SIGUSR2)
        self.box.stopping.wait(1.5)
        self.wait_ready()

    def _admin(self, command: str) -> None:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(3)
            client.connect(str(self.home / "admin.sock"))
            client.sendall(command.encode() + b"\n")
            client.recv(4000)

    def _maintain(self) -> None:
        for state in ("drain", "ready"):
            self._admin(f"set server intranet/apache state {state}")
            self.box.stopping.wait(6)

    def _send(self, data: bytes) -> None:
        with socket.create_connection(("127.0.0.1", 80), timeout=3) as client:
            client.sendall(data)
            client.settimeout(1)
            client.recv(4096)

    def _probe(self) -> None:
        self._send(b"OPTIONS * HTTP/1.1\r\n\r\n")

    def _misconfigure(self) -> None:
        for old, new in (
            ("mode http", "mode htpp"),
            ("default_backend shop", "default_backend none"),
            ("maxconn 200", "maxconn many"),
            ("127.0.0.1:80\n", "127.0.0.1:22\n"),
        ):
            self._file.write_text(self._good.replace(old, new), encoding="utf-8")
            self.signal(signal.SIGUSR2)
            self.box.pause(2.5)
        self._file.write_text(self._good, encoding="utf-8")
        self.restart()

    def _exhaust(self) -> None:
        """Allow few connections and hold more than that open."""
        self._configure(maximum=6)
        self._reload()
        idle: list[socket.socket] = []
        until = time.monotonic() + 9
        while time.monotonic() < until:
            try:
                idle.append(socket.create_connection(("127.0.0.1", 80), timeout=1))
                idle[-1].sendall(b"GET / HTTP/1.1\r\nHost: ")
            except OSError:
                self.box.pause(0.2)
            self.box.pause(0.2)
        for client in idle:
            client.close()
        self._configure()
        self._reload()

    def _malformed(self) -> None:
        flood = (b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x00\xa5\x01\x00\r\n\r\n", b"BAD\r\n\r\n",
                 b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n", b"GET /\x01\x02 HTTP/1.1\r\n\r\n",
                 b"POST /orders HTTP/1.1\r\nContent-Length: -4\r\n\r\n", b"GET / HTTP/1.1\nX\n\n",
                 b"GET / HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n")  # fmt: skip
        for _ in range(90):
            try:
                self._send(self.box.rng.choice(flood))
            except OSError:  # a reset or silence is a rightful answer to rubbish
                continue
            self.box.pause(0.1)

    def _disable(self) -> None:
        for name in ("shop/nginx", "inventory/tomcat"):
            self._admin(f"disable server {name}")
        self.box.pause(self.box.rng.uniform(8, 12))
        for name in ("shop/nginx", "inventory/tomcat"):
            self._admin(f"enable server {name}")
        self.box.pause(2)
