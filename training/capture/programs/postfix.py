"""Postfix, which takes mail by SMTP and hands it to Dovecot, logging through syslog."""

import os
import smtplib
from pathlib import Path

from training.capture.box import end, kill, listening
from training.capture.program import Chore, FaultKind, Program

MAIN = """\
compatibility_level = 3.6
mail_owner = postfix
myhostname = app01.example.org
mydomain = example.org
myorigin = example.org
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
virtual_mailbox_domains = example.org
virtual_mailbox_maps = hash:/etc/postfix/people
virtual_transport = {transport}
mynetworks = 127.0.0.1/32
smtpd_recipient_restrictions = {restrictions}
smtpd_helo_required = yes
smtpd_client_connection_rate_limit = 0
smtpd_hard_error_limit = 6
smtpd_timeout = 8s
maximal_queue_lifetime = 2m
bounce_queue_lifetime = 1m
minimal_backoff_time = 8s
maximal_backoff_time = 20s
queue_run_delay = 6s
message_size_limit = 60000
relayhost = [127.0.0.1]:2525
queue_minfree = {minfree}
debug_peer_level = 1
"""
MASTER = """\
smtp      inet  n - n - 8 smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
local     unix  - n n - - local
virtual   unix  - n n - - virtual
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""
RESTRICTIONS = "permit_mynetworks, reject_unauth_destination, reject_unlisted_recipient"
TRANSPORT = "lmtp:inet:127.0.0.1:24"
OWN = ("postfix",)
CONFIGURATION = Path("/etc/postfix")


class Postfix(Program):
    """`postfix` on port 25; without Dovecot in the run its mail stays in the queue."""

    name = "postfix"
    packages = ("postfix",)
    stems = OWN
    version_command = ("postconf", "mail_version")
    needs = ("rsyslog", "dovecot")

    def prepare(self) -> None:
        """Write the configuration over the sandbox's copy of Debian's."""
        people = "".join(f"user{i}@example.org x\n" for i in range(1, 13))
        self.box.write(CONFIGURATION / "people", people)
        self.box.write(CONFIGURATION / "master.cf", MASTER)
        self.box.write(Path("/etc/aliases"), "postmaster: root\n")
        self._configure()
        self.box.must(["postmap", CONFIGURATION / "people"])
        self.box.must(["newaliases"])
        self.box.must(["postfix", "check"])

    def start(self) -> None:
        """Start in the foreground."""
        Path("/var/spool/postfix/pid/master.pid").unlink(missing_ok=True)
        self.daemon = self.box.spawn(["postfix", "start-fg"])

    def ready(self) -> bool:
        """Tell whether it accepts connections."""
        return listening(25)

    def stop(self) -> None:
        """Stop it by its own command."""
        self.box.run(["postfix", "stop"])
        end(self.daemon)

    def work(self) -> list[Chore]:
        """Send, with the odd wrong address and hang-up; reload, flush, look closer."""
        return [
            Chore("send", 2, self._send),
            Chore("wrong address", 25, lambda: self._send(to="usr1@example.org")),
            Chore("hang up", 30, lambda: self.box.send(25, b"EHLO printer\r\n")),
            Chore("big mail", 50, lambda: self._send(size=90000)),
            Chore("local mail", 12, self._local),
            Chore("flush", 60, lambda: self.box.run(["postqueue", "-f"])),
            Chore("reload", 90, lambda: self.box.run(["postfix", "reload"]), disruptive=True),
            Chore("look closer", 150, self._look_closer, disruptive=True),
        ]

    def faults(self) -> list[FaultKind]:
        """Lose the delivery, spam it, fill its disk, break its configuration, kill it."""
        return [
            FaultKind("postfix-delivery-down", "postfix", OWN, self._lose_delivery),
            FaultKind("postfix-relay-attempts", "postfix", OWN, self._relay),
            FaultKind("postfix-unknown-recipients", "postfix", OWN, self._harvest),
            FaultKind("postfix-queue-disk-full", "postfix", OWN, self._fill),
            FaultKind("postfix-bad-configuration", "postfix", OWN, self._misconfigure),
            FaultKind("postfix-killed", "postfix", OWN, self._kill),
            FaultKind("postfix-garbled-protocol", "postfix", OWN, self._garble),
        ]

    def _configure(
        self, minfree: int = 0, transport: str = TRANSPORT, rules: str = RESTRICTIONS
    ) -> None:
        text = MAIN.format(minfree=minfree, transport=transport, restrictions=rules)
        self.box.write(CONFIGURATION / "main.cf", text)

    def _reload(self) -> None:
        self.box.run(["postfix", "reload"])

    def _send(self, to: str = "", size: int = 0, source: str = "127.0.0.1") -> None:
        """Send one mail; a refusal is the server's to log."""
        recipient = to or f"user{self.box.rng.randint(1, 12)}@example.org"
        sender = f"c{self.box.rng.randint(1, 400)}@customers.example"
        rows = (size or self.box.rng.randint(70, 3000)) // 70
        text = "Subject: order\r\n\r\n" + f"{'x' * 70}\r\n" * rows
        try:
            with smtplib.SMTP("127.0.0.1", 25, "client.example", 8, (source, 0)) as client:
                client.sendmail(sender, [recipient], text)
        except smtplib.SMTPException:
            return

    def _local(self) -> None:
        text = "Subject: report\n\nall is well\n"
        self.box.run(["sendmail", "-f", "root@example.org", "user1@example.org"], text=text)

    def _look_closer(self) -> None:
        self.box.run(["postconf", "-e", "debug_peer_list = 127.0.0.1"])
        self._reload()
        self.box.stopping.wait(4)
        self._configure()
        self._reload()

    def _lose_delivery(self) -> None:
        self._configure(transport="lmtp:inet:127.0.0.1:2424")
        self._reload()
        for _ in range(14):
            self._send()
            self.box.pause(0.8)
        self._configure()
        self._reload()
        self.box.run(["postqueue", "-f"])
        self.box.pause(4)

    def _relay(self) -> None:
        for i in range(60):
            self._send(to=f"victim{i}@elsewhere.test", source="127.0.7.7")
            self.box.pause(0.12)

    def _harvest(self) -> None:
        for _ in range(12):
            self.attempt(self._try_recipients)
            self.box.pause(0.4)

    def _try_recipients(self) -> None:
        """Try addresses until the server hangs up on too many errors."""
        with smtplib.SMTP("127.0.0.1", 25, "client.example", 8, ("127.0.7.8", 0)) as client:
            client.ehlo()
            client.mail("x@elsewhere.test")
            for _ in range(8):
                client.rcpt(f"{os.urandom(3).hex()}@example.org")

    def _fill(self) -> None:
        """Ask for more free space than the disk has: the queue refuses new mail."""
        self._configure(minfree=10**15)
        self._reload()
        for _ in range(22):
            self._send()
            self.box.pause(0.4)
        self._configure()
        self._reload()

    def _misconfigure(self) -> None:
        for rules in ("permit_mynetwroks, reject", "check_policy_service inet:127.0.0.1:9999",
                      "check_recipient_access hash:/etc/postfix/nosuch"):  # fmt: skip
            self._configure(rules=rules)
            self._reload()
            for _ in range(5):
                self._send(source="127.0.7.9")
                self.box.pause(0.6)
        self._configure()
        self._reload()
        self.box.pause(2)

    def _kill(self) -> None:
        self.box.run(["pkill", "-9", "-u", "postfix"])
        self.box.pause(3)
        self.box.run(["pkill", "-9", "-f", "postfix/sbin/master"])
        self.box.run(["pkill", "-9", "-u", "postfix"])
        kill(self.daemon)
        self.box.pause(3)
        self.start()
        self.wait_ready()

    def _garble(self) -> None:
        rubbish = (
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"EHLO\r\nMAIL\r\nRCPT\r\n",
            b"\x16\x03\x01\r\n",
            b"EHLO x\r\nMAIL FROM:<a@b>\r\nDATA\r\n",
            b"EHLO x\r\n" + b"y" * 3000 + b"\r\n",
            b"HELO x\r\nAUTH PLAIN AAAA\r\n",
            b"NOSUCH\r\n" * 9,
        )
        for _ in range(60):
            self.box.send(25, self.box.rng.choice(rubbish), patience=0.3)
            self.box.pause(0.12)
