"""Redis, the shop's cache and the task queue's broker."""

import time

from training.capture.box import end, kill
from training.capture.program import Chore, FaultKind, Program
from training.capture.sandbox import mount_small

CONFIGURATION = """\
bind 127.0.0.1
port 6379
dir {data}
loglevel {level}
requirepass {password}
save 20 50
appendonly yes
appendfsync everysec
auto-aof-rewrite-min-size 1mb
maxmemory 24mb
maxmemory-policy allkeys-lru
maxclients 60
timeout 30
enable-debug-command local
"""
CLIENTS = ("shop", "celery", "redis")


class Redis(Program):
    """`redis-server` on port 6379 with a small disk of its own."""

    name = "redis"
    packages = ("redis-server", "redis-tools")
    stems = ("redis",)
    version_command = ("redis-server", "--version")

    def prepare(self) -> None:
        """Mount the data folder and write the configuration."""
        self.home = self.box.home("redis", "redis")
        self.data = self.home / "data"
        mount_small(self.data, 64, "redis")
        text = CONFIGURATION.format(
            data=self.data, level="verbose", password=self.box.password("redis")
        )
        self._configuration = self.box.write(self.home / "redis.conf", text, "redis", 0o600)

    def start(self) -> None:
        """Start in the foreground."""
        command = ["redis-server", self._configuration]
        self.daemon = self.box.spawn(command, user="redis", output="redis")

    def ready(self) -> bool:
        """Tell whether it has loaded its data."""
        return self._cli("ping").strip() == "PONG"

    def work(self) -> list[Chore]:
        """Save, rewrite, look around, change levels."""
        return [
            Chore("background save", 60, lambda: self._cli("bgsave")),
            Chore("rewrite", 80, lambda: self._cli("bgrewriteaof")),
            Chore("look", 6, lambda: self._cli("info", "memory")),
            Chore("sessions", 1.5, self._sessions),
            Chore("debugging", 130, self._debug),
        ]

    def faults(self) -> list[FaultKind]:
        """Fill its memory and disk, kill it, freeze it, crowd it, guess its password."""
        return [
            FaultKind("redis-out-of-memory", "redis", CLIENTS, self._fill_memory),
            FaultKind("redis-disk-full", "redis", CLIENTS, self._fill_disk),
            FaultKind("redis-killed", "redis", CLIENTS, self._kill),
            FaultKind("redis-frozen", "redis", CLIENTS, self._freeze),
            FaultKind("redis-too-many-clients", "redis", CLIENTS, self._crowd),
            FaultKind("redis-crash", "redis", CLIENTS, self._segfault),
            FaultKind("redis-password-changed", "redis", CLIENTS, self._change_password),
        ]

    def _cli(self, *words: str, text: str = "", password: str | None = None) -> str:
        environment = {"REDISCLI_AUTH": password or self.box.password("redis")}
        done = self.box.run(["redis-cli", *words], text=text, env=environment)
        return done.stdout

    def _sessions(self) -> None:
        ids = [self.box.rng.randint(1, 3000) for _ in range(20)]
        self._cli(text="".join(f"setex session:{i} 120 {'s' * (i % 900)}\n" for i in ids))

    def _debug(self) -> None:
        self._cli("config", "set", "loglevel", "debug")
        self.box.stopping.wait(15)
        self._cli("config", "set", "loglevel", "verbose")

    def _fill_memory(self) -> None:
        self._cli("config", "set", "maxmemory-policy", "noeviction")
        self._cli("config", "set", "maxmemory", "2mb")
        end_at = time.monotonic() + self.box.rng.uniform(10, 15)
        while time.monotonic() < end_at:
            self._cli(text="".join(f"set filler:{i} {'x' * 2000}\n" for i in range(100)))
            self.box.pause(1)
        self._cli("config", "set", "maxmemory", "24mb")
        self._cli("config", "set", "maxmemory-policy", "allkeys-lru")

    def _fill_disk(self) -> None:
        filler = self.data / "core.1"
        self.box.run(["dd", "if=/dev/zero", f"of={filler}", "bs=64k"], user="redis")
        for _ in range(5):
            self._sessions()
            self._cli("bgsave")
            self.box.pause(2.5)
        filler.unlink()
        self._cli("bgsave")
        self.box.pause(2)
        self._cli("bgrewriteaof")

    def _kill(self) -> None:
        kill(self.daemon)
        self.box.pause(self.box.rng.uniform(5, 9))
        self.start()
        self.wait_ready()

    def _freeze(self) -> None:
        self.freeze(9)

    def _crowd(self) -> None:
        """Hold more connections than `maxclients` allows."""
        crowd = [
            self.box.spawn(["redis-cli", "blpop", f"nothing{i}", "12"],
                           env={"REDISCLI_AUTH": self.box.password("redis")})
            for i in range(75)
        ]  # fmt: skip
        self.box.pause(11)
        for client in crowd:
            end(client)

    def _segfault(self) -> None:
        self._cli("debug", "segfault")
        self.box.pause(5)
        self.start()
        self.wait_ready()

    def _change_password(self) -> None:
        """Change the password under the clients' feet, and cut those who are connected."""
        other = self.box.password("redis-other")
        self._cli("config", "set", "requirepass", other)
        for _ in range(3):
            self._cli("client", "kill", "type", "normal", password=other)
            self.box.pause(3.5)
        self._cli("config", "set", "requirepass", self.box.password("redis"), password=other)
