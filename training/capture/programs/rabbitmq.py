"""RabbitMQ, with publishers and consumers of shipping messages."""

import importlib
import os
import socket
from typing import Any

from training.capture.box import end, kill, listening
from training.capture.program import Chore, FaultKind, Program

CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:5672
log.file = {log}
log.file.level = {level}
log.console = false
vm_memory_high_watermark.absolute = 400MB
disk_free_limit.absolute = 20MB
heartbeat = 6
handshake_timeout = 4000
consumer_timeout = 600000
loopback_users = none
"""
OWN = ("rabbitmq",)


class RabbitMq(Program):
    """The broker on port 5672, one scheduler thread."""

    name = "rabbitmq"
    packages = ("rabbitmq-server", "python3-pika")
    stems = OWN
    version_command = ("rabbitmqctl", "version")
    patience = 90

    def prepare(self) -> None:
        """Write the configuration."""
        self.home = self.box.home("rabbitmq", "rabbitmq")
        self._configure("debug")

    def start(self) -> None:
        """Start in the foreground."""
        self.daemon = self.box.spawn(
            ["/usr/lib/rabbitmq/bin/rabbitmq-server"], user="rabbitmq", env=self._environment()
        )

    def ready(self) -> bool:
        """Tell whether a client can log in."""
        if not listening(5672):
            return False
        try:
            self._connect("guest", "guest").close()
        except self._errors():
            return False
        return True

    def stop(self) -> None:
        """Stop and leave nothing of the Erlang machine behind."""
        end(self.daemon, patience=25)

    def populate(self) -> None:
        """Give the shipping account a password of this run."""
        self._control("add_user", "shipping", self.box.password("shipping"))
        self._control("set_permissions", "shipping", ".*", ".*", ".*")

    def work(self) -> list[Chore]:
        """Publish, consume, look around, declare and delete queues."""
        return [
            Chore("publish", 2, self._publish),
            Chore("consume", 3, self._consume),
            Chore("temporary queue", 11, self._temporary),
            Chore("status", 75, lambda: self._control("list_queues", "name", "messages")),
            Chore("abrupt end", 22, self._abandon),
            Chore("mismatch", 50, self._mismatch),
            Chore("policy", 90, self._policy),
            Chore("quieter", 160, self._quieter),
        ]

    def faults(self) -> list[FaultKind]:
        """Kill it, raise its alarms, refuse its clients, send it rubbish."""
        return [
            FaultKind("rabbitmq-killed", "rabbitmq", OWN, self._crash),
            FaultKind("rabbitmq-memory-alarm", "rabbitmq", OWN, self._memory),
            FaultKind("rabbitmq-disk-alarm", "rabbitmq", OWN, self._disk),
            FaultKind("rabbitmq-wrong-passwords", "rabbitmq", OWN, self._guess),
            FaultKind("rabbitmq-garbled-protocol", "rabbitmq", OWN, self._garble),
            FaultKind("rabbitmq-missed-heartbeats", "rabbitmq", OWN, self._miss),
            FaultKind("rabbitmq-channel-errors", "rabbitmq", OWN, self._mismatches),
        ]

    def _environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "RABBITMQ_CONFIG_FILE": str(self.home / "rabbitmq.conf"),
            "RABBITMQ_MNESIA_BASE": str(self.home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.home / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.home / "plugins"),
            "RABBITMQ_PID_FILE": str(self.home / "pid"),
            # Two cores are shared: no spinning schedulers.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none +sbwtdcpu none",
        }

    def _configure(self, level: str) -> None:
        text = CONFIGURATION.format(log=self.box.log("rabbitmq"), level=level)
        self.box.write(self.home / "rabbitmq.conf", text)

    def _control(self, *words: str) -> None:
        self.box.run(
            ["/usr/lib/rabbitmq/bin/rabbitmqctl", *words],
            user="rabbitmq", env=self._environment(), timeout=40,
        )  # fmt: skip

    def _errors(self) -> tuple[type[Exception], ...]:
        pika: Any = importlib.import_module("pika")
        return (pika.exceptions.AMQPError, OSError)

    def _connect(self, user: str, password: str, heartbeat: int = 6) -> Any:
        """Open a connection with pika, which only Debian's Python has."""
        pika: Any = importlib.import_module("pika")
        return pika.BlockingConnection(
            pika.ConnectionParameters(
                "127.0.0.1", 5672, "/", pika.PlainCredentials(user, password),
                heartbeat=heartbeat, socket_timeout=5, blocked_connection_timeout=3,
                client_properties={"connection_name": f"{user}-{self.box.rng.randint(1, 9)}"},
            )
        )  # fmt: skip

    def _with_channel(self, use: Any) -> None:
        """Let `use` work on a channel; a broken broker is an OSError like any other."""
        try:
            connection = self._connect("shipping", self.box.password("shipping"))
            try:
                use(connection.channel())
            finally:
                if connection.is_open:
                    connection.close()
        except self._errors() as error:
            raise ConnectionError(f"rabbitmq: {type(error).__name__}") from error

    def _publish(self) -> None:
        def use(channel: Any) -> None:
            channel.queue_declare("parcels", durable=True)
            for i in range(self.box.rng.randint(1, 12)):
                channel.basic_publish("", "parcels", f"parcel {i}".encode() * 20)

        self._with_channel(use)

    def _consume(self) -> None:
        def use(channel: Any) -> None:
            channel.queue_declare("parcels", durable=True)
            for _ in range(20):
                frame, _header, _body = channel.basic_get("parcels")
                if frame is None:
                    break
                channel.basic_ack(frame.delivery_tag)

        self._with_channel(use)

    def _temporary(self) -> None:
        def use(channel: Any) -> None:
            name = f"reply-{self.box.rng.randint(1, 500)}"
            channel.queue_declare(name, exclusive=True)
            channel.exchange_declare("events", "topic", durable=True)
            channel.queue_bind(name, "events", "order.*")
            channel.queue_delete(name)

        self._with_channel(use)

    def _mismatch(self) -> None:
        def use(channel: Any) -> None:
            channel.queue_declare("parcels", durable=False)

        try:
            self._with_channel(use)
        except ConnectionError:  # the broker is right to close the channel
            return

    def _mismatches(self) -> None:
        def absent(channel: Any) -> None:
            channel.basic_get("nosuch")

        def unknown_exchange(channel: Any) -> None:
            channel.basic_publish("nosuch", "key", b"lost")
            channel.queue_declare("parcels", durable=True)

        for _ in range(12):
            for use in (absent, unknown_exchange):
                try:
                    self._with_channel(use)
                except ConnectionError:
                    continue
            self._mismatch()
            self.box.pause(0.6)

    def _abandon(self) -> None:
        """Connect and vanish without closing."""
        with socket.create_connection(("127.0.0.1", 5672), timeout=3) as client:
            client.sendall(b"AMQP\x00\x00\x09\x01")
            client.recv(1000)

    def _policy(self) -> None:
        self._control("set_policy", "short", "^reply-", '{"expires":60000}')
        self._control("clear_policy", "short")

    def _quieter(self) -> None:
        self._control("set_log_level", "info")
        self.box.stopping.wait(20)
        self._control("set_log_level", "debug")

    def _crash(self) -> None:
        self.box.run(["pkill", "-9", "-u", "rabbitmq", "beam"])
        kill(self.daemon)
        self.box.pause(3)
        self.start()
        self.wait_ready()

    def _memory(self) -> None:
        self._control("set_vm_memory_high_watermark", "absolute", "20MB")
        for _ in range(3):
            self.box.pause(2)
            try:
                self._publish()
            except ConnectionError:  # publishers are blocked: that is the effect
                continue
        self._control("set_vm_memory_high_watermark", "absolute", "400MB")

    def _disk(self) -> None:
        self._control("set_disk_free_limit", "9000GB")
        for _ in range(3):
            self.box.pause(2)
            try:
                self._publish()
            except ConnectionError:
                continue
        self._control("set_disk_free_limit", "20MB")
        self.box.pause(3)

    def _guess(self) -> None:
        for _ in range(14):
            user = self.box.rng.choice(("shipping", "admin", "root", "rabbit", "test"))
            try:
                self._connect(user, "guess").close()
            except self._errors():
                self.box.pause(0.5)

    def _garble(self) -> None:
        rubbish = (b"GET / HTTP/1.1\r\n\r\n", b"AMQP\x00\x01\x00\x00", b"\x16\x03\x01\x00\x05hello",
                   b"AMQP\x00\x00\x09\x01" + os.urandom(64), b"\x00" * 20)  # fmt: skip
        for _ in range(30):
            try:
                with socket.create_connection(("127.0.0.1", 5672), timeout=3) as client:
                    client.sendall(self.box.rng.choice(rubbish))
                    client.settimeout(0.6)
                    client.recv(2000)
                    client.recv(2000)
            except OSError:  # silence or a reset answers rubbish
                continue
            self.box.pause(0.3)

    def _miss(self) -> None:
        """Hold connections that never send their heartbeat."""
        held = [
            self._connect("shipping", self.box.password("shipping"), heartbeat=2) for _ in range(5)
        ]
        self.box.pause(9)
        for connection in held:
            try:
                connection.process_data_events(0)
                connection.close()
            except self._errors():
                continue
