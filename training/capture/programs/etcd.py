"""etcd, which keeps configuration for the services; it logs JSON lines."""

import base64
import http.client
import json
import os
import shutil

from training.capture.box import kill, listening
from training.capture.program import Chore, FaultKind, Program
from training.capture.sandbox import mount_small

OWN = ("etcd",)


class Etcd(Program):
    """One `etcd` member on port 2379 with a small disk of its own."""

    name = "etcd"
    packages = ("etcd-server",)
    stems = OWN
    version_command = ("etcd", "--version")

    def prepare(self) -> None:
        """Mount the data folder."""
        self.home = self.box.home("etcd", "etcd")
        mount_small(self.home / "data", 320, "etcd")
        self._quota = 16_000_000

    def start(self) -> None:
        """Start in the foreground, logging to standard error."""
        self.daemon = self.box.spawn(
            ["etcd", "--name", "node1", "--data-dir", self.home / "data/node1.etcd",
             "--listen-client-urls", "http://127.0.0.1:2379", "--advertise-client-urls",
             "http://127.0.0.1:2379", "--listen-peer-urls", "http://127.0.0.1:2380",
             "--initial-advertise-peer-urls", "http://127.0.0.1:2380", "--initial-cluster",
             "node1=http://127.0.0.1:2380", "--logger", "zap", "--log-outputs", "stderr",
             "--log-level", "debug", "--quota-backend-bytes", str(self._quota),
             "--snapshot-count", "300", "--auto-compaction-retention", "1m"],
            user="etcd", output="etcd",
        )  # fmt: skip

    def ready(self) -> bool:
        """Tell whether it takes a write."""
        try:
            return listening(2379) and self._put("ready", "1") == 200
        except (OSError, http.client.HTTPException):
            return False

    def work(self) -> list[Chore]:
        """Put, get, watch leases, compact, defragment, restart."""
        return [
            Chore("put", 1.0, lambda: self._put(f"config/{self._number()}", "v" * self._number())),
            Chore(
                "get",
                1.6,
                lambda: self._call("kv/range", key=self._text(f"config/{self._number()}")),
            ),
            Chore("lease", 8, lambda: self._call("lease/grant", TTL=5)),
            Chore("all", 15, lambda: self._call("kv/range", key="AA==", range_end="AA==")),
            Chore("compact", 45, self._compact),
            Chore("missing lease", 40, lambda: self._call("lease/revoke", ID=7)),
            Chore("restart", 220, self.restart, disruptive=True),
        ]

    def faults(self) -> list[FaultKind]:
        """Exhaust its quota, kill it, damage its log, send it rubbish."""
        return [
            FaultKind("etcd-quota-exceeded", "etcd", OWN, self._exceed),
            FaultKind("etcd-killed", "etcd", OWN, lambda: self.crash(3, 6)),
            FaultKind("etcd-log-damaged", "etcd", OWN, self._damage),
            FaultKind("etcd-garbled-requests", "etcd", OWN, self._garble),
        ]

    def _number(self) -> int:
        return self.box.rng.randint(1, 300)

    def _text(self, text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    def _call(self, path: str, **fields: object) -> int:
        client = http.client.HTTPConnection("127.0.0.1", 2379, timeout=6)
        try:
            client.request("POST", f"/v3/{path}", json.dumps(fields))
            answer = client.getresponse()
            self._answer = answer.read()
            return answer.status
        finally:
            client.close()

    def _put(self, key: str, value: str) -> int:
        return self._call("kv/put", key=self._text(key), value=self._text(value))

    def _get(self) -> None:
        self._call("kv/range", key=self._text(f"config/{self._number()}"))

    def _header(self, field: str) -> int:
        """Give a number from the header of the last answer; refusals have none."""
        header = json.loads(self._answer).get("header")
        if header is None:
            raise ConnectionError(f"etcd refused: {self._answer!r}")
        return int(header[field])

    def _compact(self) -> None:
        self._put("marker", "x")
        self._call("kv/compaction", revision=max(1, self._header("revision") - 50))
        self._call("maintenance/defragment")

    def _exceed(self) -> None:
        """Write until the quota raises the alarm; then compact, defragment and disarm."""
        for i in range(24):
            self.attempt(self._put, f"bulk/{i}", "b" * 900_000)
            self.box.pause(0.35)
        self._call("kv/deleterange", key=self._text("bulk/"), range_end=self._text("bulk0"))
        member = self._header("member_id")
        self._call("kv/compaction", revision=self._header("revision"))
        self._call("maintenance/defragment")
        self._call("maintenance/alarm", action="DEACTIVATE", alarm="NOSPACE", memberID=member)

    def _damage(self) -> None:
        """Kill it, damage the write-ahead log, see it refuse, and start it afresh."""
        kill(self.daemon)
        folder = self.home / "data/node1.etcd"
        for segment in sorted((folder / "member/wal").glob("*.wal"))[:1]:
            with segment.open("r+b") as stream:
                stream.seek(200)
                stream.write(os.urandom(400))
        for _ in range(3):
            self.start()
            self.box.pause(2.5)
        kill(self.daemon)
        shutil.rmtree(folder)
        self.start()
        self.wait_ready()

    def _garble(self) -> None:
        rubbish = (
            b"GET /nosuch HTTP/1.1\r\nHost: x\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + os.urandom(60),
            b"\x00\x01\r\n\r\n",
        )
        for _ in range(50):
            self.box.send(2379, self.box.rng.choice(rubbish), patience=0.2)
            self.box.send(2380, self.box.rng.choice(rubbish), patience=0.2)
            self.attempt(self._call, "kv/put/nosuch")
            self.attempt(self._put, "", "empty key")
            self.box.pause(0.1)
