"""nginx, in front of the shop."""

import signal
import socket
import time

from training.capture.box import ROOT, SetupError, end, strike
from training.capture.program import Chore, FaultKind, Program

CONFIGURATION = """\
daemon off;
user www-data;
worker_processes 2;
worker_rlimit_nofile 256;
error_log {log}/nginx-error.log {level};
pid {home}/nginx.pid;
events {{ worker_connections {connections}; }}
http {{
    include /etc/nginx/mime.types;
    access_log {log}/nginx-access.log combined;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    client_max_body_size 64k;
    client_header_timeout 5s;
    client_body_timeout 5s;
    limit_req_zone $binary_remote_addr zone=perip:1m rate=15r/s;
    proxy_cache_path {home}/cache keys_zone=pages:1m inactive=20s max_size=4m;
    upstream shop {{ server 127.0.0.1:8000 max_fails=0; }}
    server {{
        listen 127.0.0.1:8080;
        server_name shop.example;
        root {home}/html;
        location /static/ {{ }}
        location /private/ {{ deny all; }}
        location / {{
            limit_req zone=perip burst=40;
            proxy_pass http://shop;
            proxy_connect_timeout 2s;
            proxy_read_timeout 4s;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header Host $host;
        }}
    }}
}}
"""
OWN = ("nginx-access", "nginx-error")


class Nginx(Program):
    """nginx on port 8080: static files, and the shop behind it."""

    name = "nginx"
    packages = ("nginx",)
    stems = OWN
    needs = ("shop",)
    version_command = ("nginx", "-v")

    def prepare(self) -> None:
        """Write configuration and static files."""
        self.home = self.box.home("nginx", "www-data")
        (self.home / "html/static").mkdir(parents=True)
        for name, size in (("shop.css", 4000), ("shop.js", 30000), ("logo.png", 9000)):
            self.box.write(self.home / "html/static" / name, "x" * size)
        self._configure()

    def start(self) -> None:
        """Start in the foreground."""
        self.daemon = self.box.spawn(["nginx", "-c", self.home / "nginx.conf"])

    def ready(self) -> bool:
        """Tell whether it accepts connections."""
        try:
            with socket.create_connection(("127.0.0.1", 8080), timeout=2):
                return True
        except OSError:
            return False

    def stop(self) -> None:
        """Stop gracefully."""
        end(self.daemon, signal.SIGQUIT)

    def work(self) -> list[Chore]:
        """Reload, rotate, log more for a while."""
        return [
            Chore("reload", 90, lambda: self._signal(signal.SIGHUP), disruptive=True),
            Chore("rotation", 120, lambda: self._signal(signal.SIGUSR1), disruptive=True),
            Chore("more logging", 150, self._more_logging, disruptive=True),
        ]

    def faults(self) -> list[FaultKind]:
        """Break configuration, workers, files and connections; send rubbish and scans."""
        return [
            FaultKind("nginx-bad-configuration", "nginx-error", OWN, self._misconfigure),
            FaultKind("nginx-workers-killed", "nginx-error", OWN, self._kill_workers),
            FaultKind("nginx-files-unreadable", "nginx-error", OWN, self._forbid),
            FaultKind("nginx-connections-exhausted", "nginx-error", OWN, self._exhaust),
            FaultKind("nginx-malformed-requests", "nginx-access", OWN, self._malformed),
            FaultKind("nginx-scan", "nginx-access", OWN, self._scan),
            FaultKind("nginx-upstream-slow", "nginx-error", (*OWN, "gunicorn"), self._slow),
            FaultKind("nginx-rate-limited", "nginx-error", (*OWN, "shop"), self._hammer),
        ]

    def _configure(self, level: str = "notice", connections: int = 256) -> None:
        text = CONFIGURATION.format(
            log=ROOT / "log", home=self.home, level=level, connections=connections
        )
        self.box.write(self.home / "nginx.conf", text)

    def _signal(self, sign: signal.Signals) -> None:
        self.signal(sign)

    def _more_logging(self) -> None:
        self._configure(level="info")
        self._signal(signal.SIGHUP)
        self.box.stopping.wait(20)
        self._configure()
        self._signal(signal.SIGHUP)

    def _misconfigure(self) -> None:
        good = (self.home / "nginx.conf").read_text(encoding="utf-8")
        for old, new in (("listen 127.0.0.1:8080;", "listen 127.0.0.1:8080"),
                         ("proxy_pass http://shop", "proxy_pass http://shopp"),
                         ("worker_processes 2;", "worker_processes two;"),
                         ("listen 127.0.0.1:8080;", "listen 127.0.0.1:8080; listen 127.0.0.1:22;"),
                         ("mime.types", "mime.typos")):  # fmt: skip
            (self.home / "nginx.conf").write_text(good.replace(old, new), encoding="utf-8")
            self._signal(signal.SIGHUP)
            self.box.pause(2.5)
        (self.home / "nginx.conf").write_text(good, encoding="utf-8")
        self._signal(signal.SIGHUP)

    def _kill_workers(self) -> None:
        for _ in range(5):
            strike(self.workers())
            self.box.pause(2)

    def _forbid(self) -> None:
        static = self.home / "html/static"
        for mode in (0o000, 0o755):
            static.chmod(mode)
            if not mode:
                self.box.pause(self.box.rng.uniform(10, 14))

    def _exhaust(self) -> None:
        """Allow few connections, and hold more than that open."""
        self._configure(connections=24)
        self._signal(signal.SIGHUP)
        self.box.pause(1)
        idle: list[socket.socket] = []
        until = time.monotonic() + 9
        while time.monotonic() < until:
            try:
                idle.append(socket.create_connection(("127.0.0.1", 8080), timeout=1))
            except OSError:
                self.box.pause(0.2)
            self.box.pause(0.05)
        for client in idle:
            client.close()
        self._configure()
        self._signal(signal.SIGHUP)

    def _send(self, data: bytes) -> None:
        with socket.create_connection(("127.0.0.1", 8080), timeout=3) as client:
            client.sendall(data)
            client.settimeout(1)
            client.recv(4096)

    def _malformed(self) -> None:
        flood = (b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n",
                 b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", b"BOGUS\r\n\r\n",
                 b"GET /%zz%00 HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
                 b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n",
                 b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                 b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: weird\r\n\r\n")  # fmt: skip
        for _ in range(110):
            try:
                self._send(self.box.rng.choice(flood))
            except OSError:  # a reset or silence is a rightful answer to rubbish
                continue
            self.box.pause(0.08)

    def _scan(self) -> None:
        names = [
            "wp-login.php",
            ".env",
            "phpmyadmin/index.php",
            "admin.asp",
            ".git/config",
            "xmlrpc.php",
            "cgi-bin/test.cgi",
            "backup.zip",
            "config.json",
            "server-status",
            "private/keys",
        ]
        for _ in range(150):
            path = self.box.rng.choice(("", "static/", "old/")) + self.box.rng.choice(names)
            agent = self.box.rng.choice(("sqlmap/1.7", "Nikto/2.5", "zgrab/0.x", "-"))
            self._send(
                f"GET /{path} HTTP/1.0\r\nHost: shop\r\nUser-Agent: {agent}\r\n\r\n".encode()
            )
            self.box.pause(0.07)

    def _slow(self) -> None:
        """Freeze the upstream for longer than nginx waits; its own timeout then kills workers."""
        done = self.box.run(["pgrep", "-f", "gunicorn"])
        pids = [int(word) for word in done.stdout.split()]
        if not pids:
            raise SetupError("no gunicorn to freeze")
        self.box.suspend(pids, 9)

    def _hammer(self) -> None:
        """One client asks far faster than its share."""
        until = time.monotonic() + 9
        while time.monotonic() < until:
            for _ in range(8):
                client = socket.create_connection(("127.0.0.1", 8080), timeout=3)
                client.sendall(b"GET /products/7 HTTP/1.0\r\nHost: shop\r\n\r\n")
                client.close()
            self.box.pause(0.3)
