"""Dovecot, which keeps the mail: IMAP for people, LMTP for Postfix."""

import contextlib
import imaplib
import os
import shutil
import signal
from collections.abc import Callable

from training.capture.box import end, listening
from training.capture.program import Chore, FaultKind, Program
from training.capture.sandbox import mount_small

CONFIGURATION = """\
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {home}/run
log_path = {log}
log_timestamp = "%Y-%m-%d %H:%M:%S.%{{usecs}} "
auth_verbose = yes
auth_failure_delay = 1 secs
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
auth_debug = {debug}
mail_debug = {debug}
disable_plaintext_auth = no
ssl = no
mail_location = maildir:{mail}/%n
mail_uid = vmail
mail_gid = vmail
first_valid_uid = 100
mail_max_userip_connections = 6
default_process_limit = 20
default_client_limit = 100
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%n {home}/users
}}
userdb {{
  driver = static
  args = uid=vmail gid=vmail home={mail}/%n
}}
service imap-login {{
  inet_listener imap {{
    port = 143
  }}
  process_limit = 12
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = 24
  }}
}}
service stats {{
  client_limit = 100
}}
"""
OWN = ("dovecot",)
PEOPLE = tuple(f"user{i}" for i in range(1, 13))


class Dovecot(Program):
    """`dovecot` on ports 143 and 24, with the mail on a small disk."""

    name = "dovecot"
    packages = ("dovecot-core", "dovecot-imapd", "dovecot-lmtpd")
    stems = OWN
    version_command = ("dovecot", "--version")

    def prepare(self) -> None:
        """Write configuration and accounts."""
        self.home = self.box.home("dovecot")
        self.box.must(["useradd", "-r", "-s", "/usr/sbin/nologin", "-d", self.home, "vmail"])
        self.mail = self.home / "mail"
        mount_small(self.mail, 24, "vmail")
        accounts = "".join(f"{user}:{self.box.password('mail')}\n" for user in PEOPLE)
        self.box.write(self.home / "users", accounts, "dovecot", 0o640)
        self.box.write(self.box.log("dovecot"), "", mode=0o666)
        self._configure("no")

    def start(self) -> None:
        """Start in the foreground."""
        self.daemon = self.box.spawn(["dovecot", "-F", "-c", self._file])

    def ready(self) -> bool:
        """Tell whether a person can log in."""
        try:
            return listening(24) and self._login("user1", self.box.password("mail"))
        except OSError:
            return False

    def stop(self) -> None:
        """Stop it with its sessions."""
        end(self.daemon)

    def work(self) -> list[Chore]:
        """Read and file mail, mistype, hang up, reload, debug for a while."""
        return [
            Chore("read", 1.8, self._read),
            Chore("file", 6, self._file_mail),
            Chore("mistyped password", 35, lambda: self._login(self._person(), "wrong")),
            Chore("hang up", 20, lambda: self.box.send(143, b"a CAPABILITY\r\n")),
            Chore("reload", 120, lambda: self.signal(signal.SIGHUP), disruptive=True),
            Chore("debugging", 120, self._debug, disruptive=True),
        ]

    def faults(self) -> list[FaultKind]:
        """Guess, crowd, fill and forbid its disk, damage indexes, kill."""
        return [
            FaultKind("dovecot-password-guessing", "dovecot", OWN, self._guess),
            FaultKind("dovecot-disk-full", "dovecot", OWN, self._fill),
            FaultKind("dovecot-mail-unreadable", "dovecot", OWN, self._forbid),
            FaultKind("dovecot-index-damaged", "dovecot", OWN, self._damage),
            FaultKind("dovecot-too-many-connections", "dovecot", OWN, self._crowd),
            FaultKind("dovecot-killed", "dovecot", OWN, self._kill),
            FaultKind("dovecot-garbled-protocol", "dovecot", OWN, self._garble),
        ]

    def _configure(self, debug: str) -> None:
        text = CONFIGURATION.format(
            home=self.home, mail=self.mail, log=self.box.log("dovecot"), debug=debug
        )
        self._file = self.box.write(self.home / "dovecot.conf", text)

    def _person(self) -> str:
        return self.box.rng.choice(PEOPLE)

    def _open(self) -> imaplib.IMAP4:
        try:
            return imaplib.IMAP4("127.0.0.1", 143, timeout=8)
        except imaplib.IMAP4.error as error:
            raise ConnectionError(f"imap: {error}") from error

    def _login(self, user: str, password: str) -> bool:
        """Log in and out; tell whether the server let us."""
        client = self._open()
        try:
            client.login(user, password)
            client.logout()
        except imaplib.IMAP4.error:
            client.shutdown()
            return False
        return True

    def _session(self, use: Callable[[imaplib.IMAP4], object], user: str = "") -> None:
        """Log `user` or anybody in, do something, log out; refusals are in the server's log."""
        client = self._open()
        try:
            client.login(user or self._person(), self.box.password("mail"))
            use(client)
            client.logout()
        except imaplib.IMAP4.error as error:
            client.shutdown()
            raise ConnectionError(f"imap: {error}") from error

    def _read(self) -> None:
        def use(client: imaplib.IMAP4) -> None:
            _, counted = client.select("INBOX")
            client.search(None, "UNSEEN")
            count = int(counted[0] or b"0")
            if count:
                client.fetch(f"{max(1, count - 5)}:*", "(FLAGS BODY[HEADER.FIELDS (SUBJECT)])")
            if count > 40:
                client.store("1:20", "+FLAGS", "\\Deleted")
                client.expunge()

        self._session(use)

    def _file_mail(self) -> None:
        def use(client: imaplib.IMAP4) -> None:
            client.create("Archive")
            text = b"Subject: note\r\n\r\n" + b"x" * self.box.rng.randint(100, 4000)
            client.append("Archive", "", "", text)
            client.select("Archive")
            client.store("1:*", "+FLAGS", "\\Deleted")
            if self.box.rng.random() < 0.4:
                client.expunge()

        self._session(use)

    def _debug(self) -> None:
        self._configure("yes")
        self.signal(signal.SIGHUP)
        self.box.stopping.wait(15)
        self._configure("no")
        self.signal(signal.SIGHUP)

    def _guess(self) -> None:
        for _ in range(9):
            user = self.box.rng.choice((*PEOPLE[:3], "admin", "info", "root", "test"))
            self.attempt(self._login, user, f"guess{self.box.rng.randint(0, 999)}")

    def _try_some(self, times: int) -> None:
        for _ in range(times):
            self.attempt(self._file_mail)
            self.attempt(self._read)
            self.box.pause(0.6)

    def _fill(self) -> None:
        filler = self.mail / "filler"
        self.box.run(["dd", "if=/dev/zero", f"of={filler}", "bs=4k"], user="vmail")
        self._try_some(12)
        filler.unlink()

    def _forbid(self) -> None:
        for user in PEOPLE[:6]:
            if (self.mail / user).exists():
                shutil.chown(self.mail / user, "root", "root")
                (self.mail / user).chmod(0o700)
        self._try_some(14)
        for user in PEOPLE[:6]:
            if (self.mail / user).exists():
                shutil.chown(self.mail / user, "vmail", "vmail")

    def _damage(self) -> None:
        for _ in range(4):
            for index in self.mail.glob("*/**/dovecot*"):
                if index.is_file() and index.stat().st_size:
                    with index.open("r+b") as stream:
                        stream.write(os.urandom(40))
            self._try_some(4)
        for user in PEOPLE:  # whatever is still damaged is found and repaired now
            self.attempt(self._visit, user)

    def _visit(self, user: str) -> None:
        def use(client: imaplib.IMAP4) -> None:
            for folder in ("INBOX", "Archive"):
                if client.select(folder)[0] == "OK":
                    client.search(None, "SUBJECT", "order")
                    client.append(folder, "", "", b"Subject: visit\r\n\r\n")

        self._session(use, user)

    def _crowd(self) -> None:
        held = []
        for _ in range(14):
            client = self._open()
            held.append(client)
            with contextlib.suppress(imaplib.IMAP4.error):  # beyond the limit, as meant
                client.login("user2", self.box.password("mail"))
            self.box.pause(0.2)
        self.box.pause(4)
        for client in held:
            client.shutdown()

    def _kill(self) -> None:
        self.box.run(["pkill", "-9", "-u", "vmail"])
        end(self.daemon, signal.SIGKILL)
        self.box.run(["pkill", "-9", "-f", "dovecot/"])
        self.box.pause(4)
        self.start()
        self.wait_ready()

    def _garble(self) -> None:
        rubbish = (
            b"GET / HTTP/1.1\r\n\r\n",
            os.urandom(50) + b"\r\n",
            b"a LOGIN {99999999}\r\n",
            b"x\r\n" * 12,
            b"a AUTHENTICATE NOSUCH\r\n",
            b"\x16\x03\x01\x02\x00\r\n",
        )
        for _ in range(50):
            self.box.send(143, self.box.rng.choice(rubbish), patience=0.3)
            self.box.send(24, b"MAIL FROM:<x\r\nNOSUCH\r\n", patience=0.2)
            self.box.pause(0.1)
