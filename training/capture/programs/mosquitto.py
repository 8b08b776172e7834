"""Mosquitto, an MQTT broker, with sensors that report to it."""

import os
import signal
import socket

from training.capture.box import Daemon, end, listening
from training.capture.program import Chore, FaultKind, Program

CONFIGURATION = """\
listener 1883 127.0.0.1
allow_anonymous false
password_file {home}/passwords
acl_file {home}/acl
persistence true
persistence_location {home}/data/
autosave_interval 30
log_dest stderr
log_type all
log_timestamp true
log_timestamp_format %Y-%m-%dT%H:%M:%S+0000
connection_messages true
max_inflight_messages 5
max_queued_messages 20
max_connections 40
user mosquitto
"""
OWN = ("mosquitto",)
USERS = ("sensor", "dashboard")


class Mosquitto(Program):
    """The broker on port 1883."""

    name = "mosquitto"
    packages = ("mosquitto", "mosquitto-clients")
    stems = OWN
    version_command = ("mosquitto", "-h")

    def prepare(self) -> None:
        """Write configuration, passwords and rights."""
        self.home = self.box.home("mosquitto", "mosquitto")
        (self.home / "data").mkdir()
        self.box.must(["chown", "mosquitto", self.home / "data"])
        self._good = CONFIGURATION.format(home=self.home)
        self.box.write(self.home / "mosquitto.conf", self._good, "mosquitto")
        acl = "user sensor\ntopic write plant/#\nuser dashboard\ntopic read plant/#\n"
        self.box.write(self.home / "acl", acl, "mosquitto", 0o600)
        self._set_passwords({user: self.box.password(user) for user in USERS})

    def start(self) -> None:
        """Start in the foreground, logging to standard error."""
        command = ["mosquitto", "-c", self.home / "mosquitto.conf"]
        self.daemon = self.box.spawn(command, user="mosquitto", output="mosquitto")

    def ready(self) -> bool:
        """Tell whether it accepts connections."""
        return listening(1883)

    def work(self) -> list[Chore]:
        """Report measurements, read them, reload, restart."""
        return [
            Chore("report", 1.2, self._report),
            Chore("read", 9, self._read),
            Chore("last will", 30, self._vanish),
            Chore("not allowed", 40, self._overstep),
            Chore("reload", 80, lambda: self.signal(signal.SIGHUP), disruptive=True),
            Chore("save", 70, lambda: self.signal(signal.SIGUSR1)),
            Chore("restart", 200, self.restart, disruptive=True),
        ]

    def faults(self) -> list[FaultKind]:
        """Refuse, crowd, freeze and kill; send rubbish; damage what it saved."""
        return [
            FaultKind("mosquitto-wrong-passwords", "mosquitto", OWN, self._guess),
            FaultKind("mosquitto-garbled-protocol", "mosquitto", OWN, self._garble),
            FaultKind("mosquitto-killed", "mosquitto", OWN, self._crash),
            FaultKind("mosquitto-silent-clients", "mosquitto", OWN, self._silence),
            FaultKind("mosquitto-bad-configuration", "mosquitto", OWN, self._misconfigure),
            FaultKind("mosquitto-slow-consumer", "mosquitto", OWN, self._slow_consumer),
        ]

    def _set_passwords(self, passwords: dict[str, str]) -> None:
        path = self.home / "passwords"
        text = "".join(f"{user}:{password}\n" for user, password in passwords.items())
        self.box.write(path, text, "mosquitto", 0o600)
        self.box.must(["mosquitto_passwd", "-U", path])
        self.box.must(["chown", "mosquitto", path])

    def _account(self, user: str, password: str | None = None) -> list[str]:
        number = self.box.rng.randint(1, 40)
        return ["-h", "127.0.0.1", "-u", user, "-P", password or self.box.password(user),
                "-i", f"{user}-{number}"]  # fmt: skip

    def _report(self) -> None:
        measure = self.box.rng.choice(("temperature", "pressure", "rpm"))
        topic = f"plant/{self.box.rng.randint(1, 6)}/{measure}"
        text = "".join(f"{self.box.rng.gauss(40, 5):.2f}\n" for _ in range(3))
        quality = self.box.rng.choice("001122")
        words = ["-t", topic, "-q", quality, "-l", *self._account("sensor")]
        self.box.run(["mosquitto_pub", *words], text=text)

    def _read(self) -> None:
        words = [*self._account("dashboard"), "-t", "plant/+/temperature", "-W", "4", "-q", "1"]
        self.box.run(["mosquitto_sub", *words])

    def _subscriber(self, *words: str) -> Daemon:
        account = self._account("dashboard")
        return self.box.spawn(["mosquitto_sub", *account, "-t", "plant/#", *words])

    def _vanish(self) -> None:
        client = self._subscriber("--will-topic", "plant/lost", "--will-payload", "gone")
        self.box.stopping.wait(2)
        end(client, signal.SIGKILL)

    def _overstep(self) -> None:
        words = [*self._account("sensor"), "-t", "office/door", "-m", "open", "-q", "1"]
        self.box.run(["mosquitto_pub", *words])

    def _guess(self) -> None:
        for _ in range(30):
            user = self.box.rng.choice(("sensor", "admin", "root", "dashboard", "plc"))
            account = self._account(user, "guess")
            self.box.run(["mosquitto_pub", *account, "-t", "plant/1/rpm", "-m", "1"])
            self.box.pause(0.25)

    def _garble(self) -> None:
        rubbish = (b"GET / HTTP/1.1\r\n\r\n", b"\x10\x04\x00\x04MQTT", os.urandom(40),
                   b"\x10\x0c\x00\x04MQTT\x09\x02\x00\x3c\x00\x00", b"\xf0\x00",
                   b"\x10\xff\xff\xff\xff\x7f")  # fmt: skip
        for _ in range(60):
            try:
                with socket.create_connection(("127.0.0.1", 1883), timeout=3) as client:
                    client.sendall(self.box.rng.choice(rubbish))
                    client.settimeout(0.4)
                    client.recv(1000)
            except OSError:  # silence or a reset answers rubbish
                continue
            self.box.pause(0.1)

    def _crash(self) -> None:
        """Kill it and cut its saved state short, as a power failure may."""
        saved = self.home / "data/mosquitto.db"
        for _ in range(2):
            end(self.daemon, signal.SIGKILL)
            if saved.exists():
                with saved.open("r+b") as stream:
                    stream.truncate(saved.stat().st_size // 2)
            for _ in range(2):
                if not self.alive():  # the damaged state may have made it give up
                    self.start()
                self.box.pause(2)
            saved.unlink(missing_ok=True)
            if not self.alive():
                self.start()
            self.wait_ready()

    def _silence(self) -> None:
        """Freeze subscribers until their keep-alive runs out."""
        clients = [self._subscriber("-k", "5") for _ in range(10)]
        self.box.pause(1.5)
        for client in clients:
            client.send_signal(signal.SIGSTOP)
        self.box.pause(11)
        for client in clients:
            end(client, signal.SIGKILL)

    def _misconfigure(self) -> None:
        for bad in ("lisener 1884\n", "max_queued_messages lots\n", "acl_file /srv/none\n"):
            self.box.write(self.home / "mosquitto.conf", self._good + bad, "mosquitto")
            self.signal(signal.SIGHUP)
            self.box.pause(1)
            self.stop()
            self.start()
            self.box.pause(2)
        self.box.write(self.home / "mosquitto.conf", self._good, "mosquitto")
        self.restart()

    def _slow_consumer(self) -> None:
        """Flood topics while a persistent subscriber is frozen: its queue overflows."""
        client = self._subscriber("-q", "1", "-c", "-k", "60")
        self.box.pause(1)
        client.send_signal(signal.SIGSTOP)
        for _ in range(10):
            words = ["-t", "plant/1/rpm", "-q", "1", "-l", *self._account("sensor")]
            self.box.run(["mosquitto_pub", *words], text="9000\n" * 40)
            self.box.pause(0.8)
        end(client, signal.SIGKILL)
