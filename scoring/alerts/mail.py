"""E-mail by SMTP."""

import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses
from urllib.parse import unquote, urlsplit

from scoring.alerts import render
from scoring.alerts.errors import ChannelError, DeliveryError
from scoring.alerts.http import SECONDS_A_STEP, SECONDS_IN_ALL
from scoring.alerts.message import Message

HERE = ("localhost", "127.0.0.1", "::1")
WANTED = "SMTP_URL is not shown, for it may hold a password; expected smtp://USER:PASSWORD@HOST:587"


class Bounded(smtplib.SMTP):
    """A connection with a limit on its whole life: a server that drips a byte a second is cut."""

    _timer: threading.Timer | None = None

    def getreply(self) -> tuple[int, bytes]:
        """Read a reply; the first one, to the connection itself, starts the clock."""
        if self._timer is None:
            self._timer = threading.Timer(SECONDS_IN_ALL, self._cut)
            self._timer.daemon = True
            self._timer.start()
        return super().getreply()

    def end(self) -> None:
        """Stop the clock and close the connection."""
        if self._timer is not None:
            self._timer.cancel()
        self.close()

    def _cut(self) -> None:
        with suppress(OSError):  # It ended by itself just now.
            if self.sock is not None:
                self.sock.shutdown(socket.SHUT_RDWR)


class BoundedTls(Bounded, smtplib.SMTP_SSL):
    """The same, encrypted from the start."""


class Mail:
    """A mailbox, or several."""

    name = "mail"

    def __init__(self, url: str, to: str, sender: str = "") -> None:
        """Take the server's address, recipients with commas between them, and the sender."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as exc:
            raise ChannelError(WANTED) from exc
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ChannelError(WANTED)
        self.is_tls, self.host = parts.scheme == "smtps", parts.hostname
        self.port = port or (465 if self.is_tls else 587)
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.to = addresses("ALERT_MAIL_TO", to)
        user = self.user if "@" in self.user else ""
        self.sender = addresses("ALERT_MAIL_FROM", sender or user or self.to[0])[0]

    def send(self, message: Message) -> str | None:
        """Send; return for whom it was refused, DeliveryError when it was for everybody."""
        mail = self.compose(message)
        server: Bounded | None = None
        try:
            server = self.connect()
            self.secure(server)
            refused = server.send_message(mail)
            # The server has it: whatever it says to the farewell, it is not sent again.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        except smtplib.SMTPResponseException as exc:
            # 4yz: try again later, https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1
            raise DeliveryError(
                f"the server answered {exc.smtp_code}", is_lasting=exc.smtp_code >= 500
            ) from exc
        except smtplib.SMTPRecipientsRefused as exc:
            codes = sorted({code for code, _ in exc.recipients.values()})
            raise DeliveryError(
                f"the server refused every recipient ({', '.join(map(str, codes))})",
                is_lasting=codes[0] >= 500,
            ) from exc
        except smtplib.SMTPException as exc:
            raise DeliveryError(f"the server broke off ({type(exc).__name__})") from exc
        except ssl.SSLError as exc:
            raise DeliveryError(f"no trusted connection: {exc.reason}", is_lasting=True) from exc
        except OSError as exc:
            raise DeliveryError(f"no answer ({exc.strerror or type(exc).__name__})") from exc
        finally:
            if server is not None:
                server.end()
        return f"refused for {len(refused)} of {len(self.to)} recipients" if refused else None

    def connect(self) -> "Bounded":
        """Return an open connection."""
        if self.is_tls:
            context = ssl.create_default_context()
            return BoundedTls(self.host, self.port, timeout=SECONDS_A_STEP, context=context)
        return Bounded(self.host, self.port, timeout=SECONDS_A_STEP)

    def secure(self, server: "Bounded") -> None:
        """Encrypt where the server can, and log in; never with a password in clear."""
        server.ehlo()
        is_encrypted = self.is_tls
        if not is_encrypted and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            is_encrypted = True
        if not self.user:
            return
        if not is_encrypted and self.host not in HERE:
            raise DeliveryError(
                "the server offers no encryption, so the password was not sent: use smtps://",
                is_lasting=True,
            )
        server.login(self.user, self.password)

    def compose(self, message: Message) -> EmailMessage:
        """Return the mail. Its Message-ID is that of every attempt, so that mailboxes know it."""
        mail = EmailMessage()
        # An encoded word is decoded when set, and a line's end in it would end the header.
        mail["Subject"] = message.title.replace("=?", "= ?")
        mail["From"], mail["To"] = self.sender, ", ".join(self.to)
        mail["Date"] = format_datetime(datetime.fromisoformat(message.created_at))
        mail["Message-ID"] = f"<{message.key}@logkiln.{self.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(render.letter(message))
        mail.add_alternative(render.page(message), subtype="html")
        return mail


def addresses(name: str, text: str) -> list[str]:
    """Return the mail addresses in `text`; ChannelError when there are none or one is none."""
    found = [address for _, address in getaddresses([text])]
    for address in found:
        local, _, domain = address.partition("@")
        if not local or not domain or not address.isascii() or any(c <= " " for c in address):
            raise ChannelError(f"{name} is {text!r}; expected addresses such as a@example.org")
    if not found:
        raise ChannelError(f"{name} is empty; expected addresses such as a@example.org")
    return found
