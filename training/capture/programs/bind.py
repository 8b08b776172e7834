"""BIND, which resolves names for everybody in the run."""

import os
import signal
import socket
import struct
import time

from training.capture.box import Daemon, end
from training.capture.program import Chore, FaultKind, Program

CONFIGURATION = """\
options {{
    directory "{home}";
    listen-on port 53 {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    pid-file "{home}/named.pid";
    session-keyfile "{home}/session.key";
    recursion yes;
    dnssec-validation no;
    empty-zones-enable no;
    allow-query {{ 127.0.0.0/8; }};
    allow-recursion {{ 127.0.0.0/16; }};
    allow-transfer {{ none; }};
    querylog yes;
    resolver-query-timeout 3000;
    rate-limit {{ responses-per-second 60; window 3; }};
}};
logging {{
    channel all {{
        file "{log}";
        print-time iso8601-utc; print-category yes; print-severity yes;
        severity {severity};
    }};
    category default {{ all; }};
    category queries {{ all; }};
    category lame-servers {{ all; }};
}};
zone "." {{ type hint; file "{home}/root.hints"; }};
zone "example.org" {{ type primary; file "{home}/example.org.zone"; }};
zone "shop.example" {{ type primary; file "{home}/shop.example.zone";
    allow-update {{ 127.0.0.1; }}; }};
zone "partner.example" {{ type forward; forward only; forwarders {{ 127.0.0.9 port 53; }}; }};
"""
PARTNER = """\
options {{
    directory "{home}"; listen-on port 53 {{ 127.0.0.9; }}; listen-on-v6 {{ none; }};
    pid-file "{home}/partner.pid"; session-keyfile "{home}/partner.key"; recursion no;
    dnssec-validation no;
}};
controls {{ }};
zone "partner.example" {{ type primary; file "{home}/partner.example.zone"; }};
"""
ZONE = """\
$TTL 4
@ IN SOA ns.{zone}. hostmaster.{zone}. ( {serial} 300 60 86400 4 )
@ IN NS ns.{zone}.
ns IN A 127.0.0.1
www IN A 127.0.0.1
mail IN A 127.0.0.1
@ IN MX 10 mail.{zone}.
{hosts}
"""
TYPES = {"A": 1, "NS": 2, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28, "AXFR": 252, "ANY": 255}
OWN = ("named",)
ZONES = ("example.org", "shop.example", "partner.example")


class Bind(Program):
    """`named` on port 53, and a quiet second one that plays a partner's server."""

    name = "bind"
    packages = ("bind9", "bind9-dnsutils")
    stems = OWN
    version_command = ("named", "-v")

    def prepare(self) -> None:
        """Write configuration and zones."""
        self.home = self.box.home("named", "bind")
        self._serial = 1
        self._partner: Daemon | None = None
        for zone in ZONES:
            self._zone(zone)
        self.box.write(self.home / "root.hints", ". 3600 IN NS a.\na. 3600 IN A 127.0.0.10\n")
        self.box.write(self.home / "partner.conf", PARTNER.format(home=self.home))
        self._configure("dynamic")

    def start(self) -> None:
        """Start both in the foreground."""
        if self._partner is None or self._partner.poll() is not None:
            self._start_partner()
        command = ["/usr/sbin/named", "-f", "-u", "bind", "-c", self.home / "named.conf"]
        self.daemon = self.box.spawn(command)

    def ready(self) -> bool:
        """Tell whether it answers."""
        return bool(self._ask("www.example.org"))

    def stop(self) -> None:
        """Stop both."""
        end(self.daemon)
        end(self._partner)

    def work(self) -> list[Chore]:
        """Resolve, change a zone, reload, trace for a while."""
        return [
            Chore("resolve", 0.5, self._resolve),
            Chore("missing name", 5, lambda: self._ask(f"old{self._number(90)}.example.org")),
            Chore("refused name", 20, lambda: self._ask("www.elsewhere.test", source="127.1.0.4")),
            Chore("zone change", 60, self._change_zone, disruptive=True),
            Chore("update", 30, self._update),
            Chore("trace", 130, self._trace, disruptive=True),
        ]

    def faults(self) -> list[FaultKind]:
        """Break zones and configuration, lose the partner, flood, kill."""
        return [
            FaultKind("bind-broken-zone", "named", OWN, self._break_zone),
            FaultKind("bind-bad-configuration", "named", OWN, self._misconfigure),
            FaultKind("bind-forwarder-down", "named", OWN, self._lose_partner),
            FaultKind("bind-random-names", "named", OWN, self._flood),
            FaultKind("bind-transfers-denied", "named", OWN, self._steal),
            FaultKind("bind-killed", "named", OWN, lambda: self.crash(3, 6)),
        ]

    def _number(self, most: int) -> int:
        return self.box.rng.randint(1, most)

    def _start_partner(self) -> None:
        command = ["/usr/sbin/named", "-f", "-u", "bind", "-c", self.home / "partner.conf"]
        self._partner = self.box.spawn(command)

    def _zone(self, zone: str, extra: str = "") -> None:
        hosts = "".join(f"host{i} IN A 127.0.3.{i}\n" for i in range(1, 90))
        text = ZONE.format(zone=zone, serial=self._serial, hosts=hosts + extra)
        self.box.write(self.home / f"{zone}.zone", text, "bind")

    def _configure(self, severity: str) -> None:
        log = self.box.log("named")
        text = CONFIGURATION.format(home=self.home, log=log, severity=severity)
        if not log.exists():
            self.box.write(log, "", "bind")
        self.box.write(self.home / "named.conf", text)

    def _ask(self, name: str, kind: str = "A", source: str = "127.0.0.1") -> bytes:
        """Ask over UDP; give the answer, or nothing if none comes in time."""
        labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
        question = labels + b"\0" + struct.pack(">HH", TYPES[kind], 1)
        head = struct.pack(">HHHHHH", self.box.rng.randint(0, 65535), 0x0100, 1, 0, 0, 0)
        return self._datagram(head + question, source, 2.5)

    def _datagram(self, data: bytes, source: str, patience: float) -> bytes:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.bind((source, 0))
            client.settimeout(patience)
            try:
                client.sendto(data, ("127.0.0.1", 53))
                return client.recv(4096)
            except OSError:  # silence or an unreachable port is an answer of its own
                return b""

    def _resolve(self) -> None:
        zone = self.box.rng.choice((*ZONES, "example.org"))
        host = self.box.rng.choice(("www", "mail", f"host{self._number(89)}"))
        kind = self.box.rng.choice(("A", "A", "A", "AAAA", "MX", "TXT"))
        self._ask(f"{host}.{zone}", kind, f"127.0.{self._number(5)}.{self._number(9)}")

    def _change_zone(self) -> None:
        self._serial += 1
        self._zone("example.org", f"new{self._serial} IN A 127.0.4.{self._serial % 250}\n")
        self.signal(signal.SIGHUP)

    def _update(self) -> None:
        lease = f"lease{self._number(50)}.shop.example 30 A 127.0.5.{self._number(200)}"
        text = f"server 127.0.0.1\nzone shop.example\nupdate add {lease}\nsend\n"
        self.box.run(["nsupdate"], text=text)

    def _trace(self) -> None:
        self._configure("debug 2")
        self.signal(signal.SIGHUP)
        self.box.stopping.wait(6)
        self._configure("dynamic")
        self.signal(signal.SIGHUP)

    def _break_zone(self) -> None:
        bad = ("host1 IN A 127.0.3.999\n", "www IN CNAME host2\n", "host5 IN B 1\n", "(((\n")
        for line in bad:
            self._serial += 1
            self._zone("example.org", line)
            self.signal(signal.SIGHUP)
            self.box.pause(2.5)
        self._serial += 1
        self._zone("example.org")
        self.signal(signal.SIGHUP)

    def _misconfigure(self) -> None:
        path = self.home / "named.conf"
        good = path.read_text(encoding="utf-8")
        for bad in ("recursoin yes;", 'zone "x.example" {', "options { };", "acl a { nosuch; };"):
            path.write_text(f"{good}{bad}\n", encoding="utf-8")
            self.signal(signal.SIGHUP)
            self.box.pause(2)
        path.write_text(good, encoding="utf-8")
        self.signal(signal.SIGHUP)

    def _lose_partner(self) -> None:
        end(self._partner)
        until = time.monotonic() + self.box.rng.uniform(9, 13)
        while time.monotonic() < until:
            self._ask(f"host{self._number(89)}.partner.example")
        self._start_partner()
        while not self._ask(f"host{self._number(89)}.partner.example"):
            self.box.pause(0.5)

    def _flood(self) -> None:
        """Ask for names nobody has, as a water-torture attack does."""
        for _ in range(400):
            self._ask(f"{os.urandom(5).hex()}.example.org", source="127.0.9.9")
            self.box.pause(0.02)

    def _steal(self) -> None:
        for _ in range(12):
            zone = self.box.rng.choice(ZONES)
            self.box.run(["dig", "+time=2", "+tries=1", "@127.0.0.1", zone, "axfr"])
            text = f"server 127.0.0.1\nzone example.org\nupdate add x.{zone} 5 A 127.0.0.1\nsend\n"
            self.box.run(["nsupdate"], text=text)
            self.box.pause(0.6)
