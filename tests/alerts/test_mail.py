"""Mail to a real SMTP server."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from scoring.alerts.deliver import deliver
from scoring.alerts.errors import DeliveryError
from scoring.alerts.mail import Mail
from sql.database import Database
from tests.alerts.conftest import add_log, batch, rows, run


@dataclass
class Mailbox:
    """Keeps what arrives; refuses what it is told to."""

    url: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    data: str = "250 kept"
    users: list[bytes] = field(default_factory=list)
    """Who logged in, over an encrypted connection or not."""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        if self.data.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.data


def login(_server: Any, _session: Any, _envelope: Any, _mechanism: Any, given: Any) -> AuthResult:
    """Let one user in."""
    assert isinstance(given, LoginPassword)
    return AuthResult(success=given.password == b"pass/word", handled=False)


def free_port() -> int:
    """Return a port that was free just now; the controller takes no 0."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    kept = Mailbox()
    server = Controller(
        kept,
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=login,
        auth_require_tls=False,
    )
    server.start()
    kept.url = f"smtp://127.0.0.1:{server.port}"
    yield kept
    server.stop()


def text_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    said: str = part.get_content()
    return said


def test_a_mail_tells_as_text_and_as_html(database: Database, mailbox: Mailbox) -> None:
    add_log(database, "<script>alert('x')</script> café", logged_at="2026-01-02T03:04:05Z")
    batch(database, {"template_id": 1, "source": "web\r\nBcc: x@y.z", "at": "2026-01-02T03:04:05Z"})
    outcome = deliver(database, [Mail(mailbox.url, "a@example.org, b@example.org")], patience=0)
    assert outcome.failures == []
    (mail,) = mailbox.mails
    assert mail["To"] == "a@example.org, b@example.org"
    assert mail["Bcc"] is None
    assert "1 alert, worst high" in mail["Subject"]
    assert "<script>alert('x')</script> café" in text_of(mail, "plain")
    assert "&lt;script&gt;" in text_of(mail, "html")
    assert "<script>" not in text_of(mail, "html")
    assert "mute --template=1 --for=7d" in text_of(mail, "plain")


def test_every_attempt_has_the_same_message_id(database: Database, mailbox: Mailbox) -> None:
    class Gone(BaseException): ...

    class Dying(Mail):
        def send(self, message: Any) -> str | None:
            super().send(message)
            raise Gone

    batch(database, {"template_id": 1})
    with pytest.raises(Gone):
        deliver(database, [Dying(mailbox.url, "a@example.org")], patience=0)
    deliver(database, [Mail(mailbox.url, "a@example.org")], patience=0)
    first, again = mailbox.mails
    assert first["Message-ID"] == again["Message-ID"]
    assert first["Message-ID"].endswith("@logkiln.example.org>")


def test_a_refusal_for_all_is_tried_again_later(database: Database, mailbox: Mailbox) -> None:
    mailbox.refused = {"a@example.org": "451 come back later"}
    batch(database, {"template_id": 1})
    mail = Mail(mailbox.url, "a@example.org")
    assert "refused every recipient (451)" in deliver(database, [mail], patience=0).failures[0]
    mailbox.refused = {}
    run(database, "tests.make_due")
    assert len(deliver(database, [mail], patience=0).delivered) == 1


def test_a_refusal_for_one_is_said_and_not_repeated_to_the_others(
    database: Database, mailbox: Mailbox
) -> None:
    mailbox.refused = {"gone@example.org": "550 no such user"}
    batch(database, {"template_id": 1})
    mail = Mail(mailbox.url, "a@example.org, gone@example.org")
    outcome = deliver(database, [mail], patience=0)
    assert "refused for 1 of 2 recipients" in outcome.failures[0]
    run(database, "tests.make_due")
    deliver(database, [mail], patience=0)
    assert len(mailbox.mails) == 1
    (message,) = rows(database, "tests.messages")
    assert message["last_error"] == "refused for 1 of 2 recipients"


def test_a_server_that_takes_no_data_is_said(database: Database, mailbox: Mailbox) -> None:
    mailbox.data = "554 looks like spam"
    batch(database, {"template_id": 1})
    outcome = deliver(database, [Mail(mailbox.url, "a@example.org")], patience=0)
    assert "the server answered 554" in outcome.failures[0]


@pytest.mark.parametrize(("password", "is_right"), [("pass%2Fword", True), ("wrong", False)])
def test_a_password_is_used_and_never_shown(
    database: Database, mailbox: Mailbox, password: str, is_right: bool
) -> None:
    batch(database, {"template_id": 1})
    url = mailbox.url.replace("smtp://", f"smtp://me%40example.org:{password}@")
    outcome = deliver(database, [Mail(url, "a@example.org")], patience=0)
    assert bool(outcome.delivered) is is_right
    if is_right:
        assert mailbox.mails[0]["From"] == "me@example.org"
    else:
        assert "the server answered 535" in outcome.failures[0]
        assert password not in outcome.failures[0]


def test_a_password_is_not_sent_in_clear(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoring.alerts.mail.HERE", ())
    mail = Mail(mailbox.url.replace("smtp://", "smtp://me:secret@"), "a@example.org")
    server = mail.connect()
    try:
        with pytest.raises(DeliveryError, match="no encryption, so the password was not sent"):
            mail.secure(server)
    finally:
        server.end()


def test_nobody_at_home_is_said(database: Database) -> None:
    batch(database, {"template_id": 1})
    outcome = deliver(database, [Mail("smtp://127.0.0.1:1", "a@example.org")], patience=0)
    assert "no answer (Connection refused)" in outcome.failures[0]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of `localhost`, and its key, that nobody trusts."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost"),
            *("-out", path, "-keyout", path.with_suffix(".key")),
        ],
        check=True,
        capture_output=True,
    )
    return path


@pytest.fixture(params=["smtp", "smtps"])
def encrypted(request: pytest.FixtureRequest, certificate: Path) -> Iterator[Mailbox]:
    """A server that takes a password, after STARTTLS or encrypted from the start."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    kept, scheme = Mailbox(), request.param

    def log_in(server: SMTP, *given: Any) -> AuthResult:
        assert server.session is not None
        kept.users.append(given[-1].login)
        return login(server, *given)

    tls: dict[str, Any] = (
        {"ssl_context": context, "auth_require_tls": False}  # By which it means STARTTLS alone.
        if scheme == "smtps"
        else {"tls_context": context, "require_starttls": True}
    )
    server = Controller(kept, hostname="localhost", port=free_port(), authenticator=log_in, **tls)
    server.start()
    kept.url = f"{scheme}://me:pass%2Fword@localhost:{server.port}"
    yield kept
    server.stop()


def test_an_encrypted_server_gets_the_password_and_the_mail(
    database: Database, encrypted: Mailbox, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr("scoring.alerts.mail.HERE", ())
    batch(database, {"template_id": 1})
    outcome = deliver(database, [Mail(encrypted.url, "a@example.org")], patience=0)
    assert outcome.failures == []
    assert (len(encrypted.mails), encrypted.users) == (1, [b"me"])


def test_a_server_that_nobody_vouches_for_gets_neither(
    database: Database, encrypted: Mailbox
) -> None:
    batch(database, {"template_id": 1})
    outcome = deliver(database, [Mail(encrypted.url, "a@example.org")], patience=0)
    assert "no trusted connection: CERTIFICATE_VERIFY_FAILED" in outcome.failures[0]
    assert (encrypted.mails, encrypted.users) == ([], [])


def test_a_server_of_another_name_gets_neither(
    database: Database, encrypted: Mailbox, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    batch(database, {"template_id": 1})
    mail = Mail(encrypted.url.replace("localhost", "127.0.0.1"), "a@example.org")
    assert "no trusted connection" in deliver(database, [mail], patience=0).failures[0]
    assert (encrypted.mails, encrypted.users) == ([], [])


def test_a_server_that_drips_is_cut_off(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoring.alerts.mail.SECONDS_IN_ALL", 0.5)
    batch(database, {"template_id": 1})
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            client, _ = listening.accept()
            with client:
                for _ in range(100):
                    try:
                        client.sendall(b"2")
                    except OSError:
                        return
                    time.sleep(0.1)

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        started = time.monotonic()
        url = f"smtp://127.0.0.1:{listening.getsockname()[1]}"
        outcome = deliver(database, [Mail(url, "a@example.org")], patience=0)
        assert time.monotonic() - started < 5
        thread.join(15)
    assert len(outcome.failures) == 1
