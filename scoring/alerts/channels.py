"""Which channels the environment sets up."""

from collections.abc import Mapping
from typing import Protocol

from scoring.alerts import GITHUB, MAIL, SIGNED, WEBHOOK
from scoring.alerts.errors import ChannelError
from scoring.alerts.github import GitHub
from scoring.alerts.mail import Mail
from scoring.alerts.message import Message, redaction_mode
from scoring.alerts.webhook import SignedWebhook, Webhook

PAIRS = {SIGNED: "ALERT_SIGNING_KEY", MAIL: "ALERT_MAIL_TO", GITHUB: "GITHUB_TOKEN"}
"""What sets a channel up, and what it cannot do without."""


class Channel(Protocol):
    """Something that takes messages."""

    @property
    def name(self) -> str:
        """What `alert_rules.channel` calls it."""
        ...

    def send(self, message: Message) -> str | None:
        """Send, or raise DeliveryError; return for whom it did not arrive, None for nobody."""
        ...


def configured(environment: Mapping[str, str]) -> list[Channel]:
    """Return the channels that `environment` sets up; ChannelError when one is set up wrongly."""

    def value(name: str) -> str:
        return environment.get(name, "").strip()

    try:
        redaction_mode()
    except ValueError as exc:
        raise ChannelError(str(exc)) from exc
    for name, other in PAIRS.items():
        if value(name) and not value(other):
            raise ChannelError(f"{name} is set and {other} is not: set both, or neither")
    channels: list[Channel] = []
    if url := value(WEBHOOK):
        channels.append(Webhook(url))
    if url := value(SIGNED):
        channels.append(SignedWebhook(url, value("ALERT_SIGNING_KEY")))
    if url := value(MAIL):
        channels.append(Mail(url, value("ALERT_MAIL_TO"), value("ALERT_MAIL_FROM")))
    if repository := value(GITHUB):
        channels.append(GitHub(repository, value("GITHUB_TOKEN"), value("GITHUB_API_URL")))
    return channels
