"""OpenSSH's server, with users who work and intruders who guess."""

import os
import socket
import time
from pathlib import Path

from training.capture.program import Chore, FaultKind, Program

CONFIGURATION = """\
Port 22
ListenAddress 127.0.0.1
HostKey {home}/ssh_host_ed25519_key
HostKey {home}/ssh_host_rsa_key
PidFile {home}/sshd.pid
AuthorizedKeysFile {home}/keys/%u
LogLevel {level}
UsePAM yes
PermitRootLogin no
MaxAuthTries 4
MaxStartups 8:50:14
LoginGraceTime 8
ClientAliveInterval 5
StrictModes no
Subsystem sftp internal-sftp -f AUTH -l INFO
"""
KEY_USERS = ("deploy", "backup")
PASSWORD_USERS = ("alice", "carol")
GUESSED = ("admin", "oracle", "test", "ubuntu", "git", "postgres", "pi", "ftpuser", "root", "user1")
COMMANDS = ("uptime", "df /srv", "id", "ls /etc | wc -l", "test -e /srv/absent", "cat /etc/issue")


class OpenSsh(Program):
    """`sshd` on port 22, logging through syslog."""

    name = "openssh"
    packages = ("openssh-server", "openssh-client", "openssh-sftp-server", "sshpass")
    stems = ("sshd",)
    needs = ("rsyslog",)
    version_command = ("ssh", "-V")

    def prepare(self) -> None:
        """Make host and user keys and the users."""
        self.home = self.box.home("sshd")
        self._configure("VERBOSE")
        Path("/run/sshd").mkdir(mode=0o755)
        for kind in ("ed25519", "rsa"):
            path = self.home / f"ssh_host_{kind}_key"
            self.box.must(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "host", "-f", path])
        (self.home / "keys").mkdir()
        for user in ("deploy", *PASSWORD_USERS):
            self.box.must(["useradd", "-m", "-s", "/bin/sh", user])
        self.box.must(["usermod", "-s", "/bin/sh", "backup"])
        for user in KEY_USERS:
            key = self.home / f"client_{user}"
            comment = f"{user}@laptop"
            self.box.must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", key])
            (self.home / "keys" / user).write_text(key.with_suffix(".pub").read_text("utf-8"))
        accounts = "".join(f"{user}:{self.box.password(user)}\n" for user in PASSWORD_USERS)
        self.box.must(["chpasswd"], text=accounts)

    def start(self) -> None:
        """Start in the foreground."""
        self.daemon = self.box.spawn_for_syslog(
            "sshd", ["/usr/sbin/sshd", "-D", "-f", self.home / "sshd_config"]
        )

    def ready(self) -> bool:
        """Tell whether it accepts connections."""
        try:
            with socket.create_connection(("127.0.0.1", 22), timeout=2) as client:
                return client.recv(4).startswith(b"SSH")
        except OSError:
            return False

    def work(self) -> list[Chore]:
        """Run commands, copy files, mistype passwords; turn debugging on for a while."""
        return [
            Chore("command by key", 2.0, self._command),
            Chore("login by password", 5.0, self._password),
            Chore("file transfer", 7.0, self._transfer),
            Chore("mistyped password", 45, self._mistype),
            Chore("port probe", 60, self._probe),
            Chore("debugging", 200, self._debug, disruptive=True),
            Chore("restart", 240, self.restart, disruptive=True),
        ]

    def faults(self) -> list[FaultKind]:
        """Guess passwords, flood, send rubbish, lose the host keys."""
        own = ("sshd",)
        return [
            FaultKind("ssh-password-guessing", "sshd", own, self._guess),
            FaultKind("ssh-connection-flood", "sshd", own, self._flood),
            FaultKind("ssh-garbled-protocol", "sshd", own, self._garble),
            FaultKind("ssh-host-keys-unreadable", "sshd", own, self._lose_keys),
            FaultKind("ssh-killed", "sshd", own, self._kill_sessions),
        ]

    def _configure(self, level: str) -> None:
        text = CONFIGURATION.format(home=self.home, level=level)
        self.box.write(self.home / "sshd_config", text)

    def _options(self, **more: object) -> list[str | Path]:
        options = {
            "BindAddress": f"127.0.2.{self.box.rng.randint(2, 9)}",
            "StrictHostKeyChecking": "no",
            "LogLevel": "ERROR",
            "UserKnownHostsFile": self.home / "known",
            "ConnectTimeout": 5,
            **more,
        }
        return ["-F", "none", *(f"-o{name}={value}" for name, value in options.items())]

    def _with_key(self, user: str) -> list[str | Path]:
        return self._options(IdentitiesOnly="yes", IdentityFile=self.home / f"client_{user}")

    def _command(self) -> None:
        user, command = self.box.rng.choice(KEY_USERS), self.box.rng.choice(COMMANDS)
        self.box.run(["ssh", *self._with_key(user), f"{user}@127.0.0.1", command])

    def _with_password(self, user: str, password: str) -> None:
        options = self._options(PubkeyAuthentication="no", NumberOfPasswordPrompts=1)
        command = ["sshpass", "-e", "ssh", *options, f"{user}@127.0.0.1", "uptime"]
        self.box.run(command, env={"SSHPASS": password})

    def _password(self) -> None:
        user = self.box.rng.choice(PASSWORD_USERS)
        self._with_password(user, self.box.password(user))

    def _mistype(self) -> None:
        user = self.box.rng.choice(PASSWORD_USERS)
        self._with_password(user, self.box.password(user)[:-1])
        self._with_password(user, self.box.password(user))

    def _transfer(self) -> None:
        name = f"/tmp/dump-{self.box.rng.randint(1, 400)}.gz"
        key = self.home / "client_backup.pub"
        script = f"put {key} {name}\nls -l {name}\nrename {name} {name}.done\nrm {name}.done\n"
        command = ["sftp", *self._with_key("backup"), "-b", "-", "backup@127.0.0.1"]
        self.box.run(command, text=script)

    def _probe(self) -> None:
        with socket.create_connection(("127.0.0.1", 22), timeout=3) as client:
            client.recv(100)

    def _debug(self) -> None:
        self._configure("DEBUG1")
        self.restart()
        self.box.stopping.wait(12)
        self._configure("VERBOSE")
        self.restart()

    def _guess(self) -> None:
        end = time.monotonic() + self.box.rng.uniform(9, 14)
        while time.monotonic() < end:
            self._with_password(self.box.rng.choice(GUESSED + PASSWORD_USERS), os.urandom(4).hex())

    def _flood(self) -> None:
        """Open more connections than may be unauthenticated at once, and stay silent."""
        for _ in range(3):
            idle = []
            for _ in range(24):
                idle.append(socket.create_connection(("127.0.0.1", 22), timeout=3))
                self.box.pause(0.03)
            self.box.pause(3)
            for client in idle:
                client.close()
        self.box.pause(6)

    def _garble(self) -> None:
        rubbish = (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n",
                   b"SSH-1.5-old\r\n", b"SSH-2.0-x\r\n" + os.urandom(600),
                   b"\x03\x00\x00\x13\x0e\xe0\x00\r\n")  # fmt: skip
        for _ in range(60):
            try:
                with socket.create_connection(("127.0.0.1", 22), timeout=3) as client:
                    client.sendall(self.box.rng.choice(rubbish))
                    client.recv(2000)
                    client.recv(2000)
            except OSError:  # a reset is the server's rightful answer
                continue
            self.box.pause(0.15)

    def _lose_keys(self) -> None:
        for kind in ("ed25519", "rsa"):
            (self.home / f"ssh_host_{kind}_key").chmod(0o644)
        self.stop()
        for _ in range(5):
            self.start()
            self.box.pause(2)
        for kind in ("ed25519", "rsa"):
            (self.home / f"ssh_host_{kind}_key").chmod(0o600)
        self.start()
        self.wait_ready()

    def _kill_sessions(self) -> None:
        """Kill the listener and, with it gone, see clients refused; then start it again."""
        for _ in range(3):
            if self.daemon:
                self.daemon.kill()
                self.daemon.wait()
            self.box.pause(2)
            self.start()
            self.wait_ready()
            self.box.pause(1)
