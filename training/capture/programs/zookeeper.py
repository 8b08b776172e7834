"""An ensemble of three Apache ZooKeeper servers, each with a log of its own."""

import importlib
import time
from typing import Any

from training.capture.box import Daemon, end, kill
from training.capture.program import Chore, FaultKind, Program

CONFIGURATION = """\
tickTime=1000
initLimit=8
syncLimit=4
dataDir={data}
clientPort={port}
clientPortAddress=127.0.0.1
maxClientCnxns=12
admin.enableServer=false
4lw.commands.whitelist=ruok,stat,srvr,mntr
autopurge.snapRetainCount=3
snapCount=400
server.1=127.0.0.1:2881:3881
server.2=127.0.0.1:2882:3882
server.3=127.0.0.1:2883:3883
"""
LOGGING = """\
log4j.rootLogger=INFO, CONSOLE
log4j.logger.org.apache.zookeeper.server.NIOServerCnxn=DEBUG
log4j.logger.org.apache.zookeeper.server.ZooKeeperServer=DEBUG
log4j.logger.org.apache.zookeeper.server.persistence=DEBUG
log4j.logger.org.apache.zookeeper.server.quorum.FastLeaderElection=DEBUG
log4j.appender.CONSOLE=org.apache.log4j.ConsoleAppender
log4j.appender.CONSOLE.layout=org.apache.log4j.PatternLayout
log4j.appender.CONSOLE.layout.ConversionPattern=%d{ISO8601} - %-5p [%t:%C{1}@%L] - %m%n
"""
JARS = [f"/usr/share/java/{name}.jar" for name in ("zookeeper", "slf4j-log4j12", "log4j-1.2")]
NODES = (1, 2, 3)
ALL = tuple(f"zookeeper-{node}" for node in NODES)


class ZooKeeper(Program):
    """Three servers on ports 2181, 2182 and 2183."""

    name = "zookeeper"
    packages = (
        "zookeeper",
        "libslf4j-java",
        "liblog4j1.2-java",
        "openjdk-17-jre-headless",
        "python3-kazoo",
    )
    stems = ALL
    version_command = ("dpkg-query", "-W", "zookeeper")
    patience = 90

    def prepare(self) -> None:
        """Lay out the three servers."""
        self.home = self.box.home("zookeeper", "zookeeper")
        self._daemons: dict[int, Daemon] = {}
        for node in NODES:
            folder = self.home / f"node{node}"
            text = CONFIGURATION.format(data=folder / "data", port=2180 + node)
            self.box.write(folder / "conf/zoo.cfg", text)
            self.box.write(folder / "conf/log4j.properties", LOGGING)
            self.box.write(folder / "data/myid", f"{node}\n")
        self.box.must(["chown", "-R", "zookeeper:", self.home])

    def start(self) -> None:
        """Start those servers that do not run."""
        for node in NODES:
            if node not in self._daemons or self._daemons[node].poll() is not None:
                self._start(node)

    def ready(self) -> bool:
        """Tell whether all three serve clients."""
        return all(self._mode(node) for node in NODES)

    def stop(self) -> None:
        """Stop all three."""
        for daemon in self._daemons.values():
            end(daemon)

    def work(self) -> list[Chore]:
        """Register services, lock, watch, restart one follower."""
        return [
            Chore("register", 3, self._register),
            Chore("lock", 7, self._lock),
            Chore("expired session", 50, self._expire),
            Chore("probe", 25, lambda: self.box.send(self._port(), b"stat")),
            Chore("odd probe", 60, lambda: self.box.send(self._port(), b"conf")),
            Chore("restart of a follower", 200, self._restart_follower, disruptive=True),
        ]

    def faults(self) -> list[FaultKind]:
        """Lose the leader, the quorum, the snapshots; crowd and confuse it."""
        return [
            FaultKind("zookeeper-leader-killed", "zookeeper-1", ALL, self._lose_leader),
            FaultKind("zookeeper-quorum-lost", "zookeeper-1", ALL, self._lose_quorum),
            FaultKind("zookeeper-follower-frozen", "zookeeper-1", ALL, self._freeze_follower),
            FaultKind("zookeeper-too-many-connections", "zookeeper-2", ALL, self._crowd),
            FaultKind("zookeeper-garbled-protocol", "zookeeper-3", ALL, self._garble),
        ]

    def _start(self, node: int) -> None:
        configuration = self.home / f"node{node}/conf"
        self._daemons[node] = self.box.spawn(
            ["java", "-Xmx48m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
             "-Dzookeeper.jmx.log4j.disable=true", "-cp",
             ":".join((str(configuration), *JARS)),
             "org.apache.zookeeper.server.quorum.QuorumPeerMain", configuration / "zoo.cfg"],
            user="zookeeper", output=f"zookeeper-{node}",
        )  # fmt: skip

    def _port(self) -> int:
        return 2180 + self.box.rng.choice(NODES)

    def _mode(self, node: int) -> str:
        """Give a server's own word for its part: leader, follower, or nothing."""
        answer = self.box.ask(2180 + node, b"srvr")
        for line in answer.decode("utf-8", "replace").splitlines():
            if line.startswith("Mode: "):
                return line.removeprefix("Mode: ")
        return ""

    def _find(self, mode: str) -> int:
        return next((node for node in NODES if self._mode(node) == mode), NODES[0])

    def _with_client(self, use: Any, seconds: float = 4.0) -> None:
        """Let `use` work on a kazoo client, which only Debian's Python has."""
        client_module: Any = importlib.import_module("kazoo.client")
        errors: Any = importlib.import_module("kazoo.exceptions")
        timeouts: Any = importlib.import_module("kazoo.handlers.threading")
        client = client_module.KazooClient(f"127.0.0.1:{self._port()}", timeout=seconds)
        try:
            client.start(timeout=5)
            use(client)
        except (errors.KazooException, timeouts.KazooTimeoutError) as error:
            raise ConnectionError(f"zookeeper: {type(error).__name__}") from error
        finally:
            client.stop()
            client.close()

    def _register(self) -> None:
        def use(client: Any) -> None:
            client.ensure_path("/services/shop")
            path = client.create("/services/shop/node-", b"x", ephemeral=True, sequence=True)
            client.get_children("/services/shop", watch=lambda event: None)
            for i in range(6):
                client.set(path, str(i).encode())

        self._with_client(use)

    def _lock(self) -> None:
        def use(client: Any) -> None:
            with client.Lock("/locks/report", "nightly"):
                time.sleep(0.1)

        self._with_client(use)

    def _expire(self) -> None:
        """Let a session end without a farewell."""
        port = self._port()
        self.box.spawn(
            ["timeout", "-s", "KILL", "2", "/usr/bin/python3", "-c",
             f"from kazoo.client import KazooClient as K; import time; k = K('127.0.0.1:{port}',"
             " timeout=3); k.start(); k.create('/gone-', ephemeral=True, sequence=True);"
             " time.sleep(9)"]
        )  # fmt: skip

    def _restart_follower(self) -> None:
        node = self._find("follower")
        end(self._daemons[node])
        self._start(node)
        self.wait_ready()

    def _lose_leader(self) -> None:
        node = self._find("leader")
        kill(self._daemons[node])
        self.box.pause(self.box.rng.uniform(6, 9))
        self.start()
        self.wait_ready()

    def _lose_quorum(self) -> None:
        for node in (self._find("leader"), self._find("follower")):
            kill(self._daemons[node])
        self.box.pause(self.box.rng.uniform(8, 11))
        self.start()
        self.wait_ready()

    def _freeze_follower(self) -> None:
        daemon = self._daemons[self._find("follower")]
        self.box.suspend([daemon.pid], 10)
        self.wait_ready()

    def _crowd(self) -> None:
        """Open more connections from one address than a server takes."""
        for _ in range(3):
            held = [self.box.connect(2182) for _ in range(25)]
            self.box.pause(2)
            for client in held:
                client.close()

    def _garble(self) -> None:
        rubbish = (b"GET / HTTP/1.1\r\n\r\n", b"\x00\x00\x00\x04boom", b"\xff\xff\xff\xff", b"envi",
                   b"\x7f\xff\xff\xff" + b"z" * 50, b"\x00\x00\x00\x2d" + b"\x00" * 45)  # fmt: skip
        for _ in range(50):
            self.box.send(2183, self.box.rng.choice(rubbish), patience=0.4)
            self.box.pause(0.1)
