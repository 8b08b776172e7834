"""Webhooks: one that Slack, Mattermost and Discord read, and a signed one for programs."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from dataclasses import asdict

from scoring.alerts import http, render
from scoring.alerts.errors import ChannelError
from scoring.alerts.message import Message

JSON = "application/json; charset=utf-8"


class Webhook:
    """A chat: `text` is read by Slack and Mattermost, `content` by Discord."""

    name = "webhook"

    def __init__(self, url: str) -> None:
        """Take the address, which is a secret; ChannelError when it is none."""
        self.url = http.address("ALERT_WEBHOOK_URL", url)

    def send(self, message: Message) -> str | None:
        """Send; DeliveryError when the chat does not take it."""
        body = {
            "text": render.slack(message),
            "content": render.discord(message),
            "allowed_mentions": {"parse": []},  # Discord: nobody, whatever a log says
        }
        content = json.dumps(body).encode()
        http.request("POST", self.url, content, {"Content-Type": JSON})
        return None


class SignedWebhook:
    """A program: JSON, signed as https://www.standardwebhooks.com describes."""

    name = "signed"

    def __init__(self, url: str, key: str) -> None:
        """Take address and key: any text, or `whsec_` and base64; ChannelError when one is none."""
        self.url, self.key = http.address("ALERT_SIGNED_URL", url), signing_key(key)

    def send(self, message: Message) -> str | None:
        """Send; DeliveryError when the program does not take it."""
        content = json.dumps(body_of(message)).encode()
        moment = str(int(time.time()))
        headers = {
            "Content-Type": JSON,
            "webhook-id": message.key,
            "webhook-timestamp": moment,
            "webhook-signature": signature(self.key, message.key, moment, content),
            "Idempotency-Key": message.key,
        }
        http.request("POST", self.url, content, headers)
        return None


def signing_key(text: str) -> bytes:
    """Return the bytes of a key; ChannelError when it is too short to protect anything."""
    key = text.encode()
    if text.startswith("whsec_"):
        try:
            key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
        except binascii.Error as exc:
            raise ChannelError(
                "ALERT_SIGNING_KEY begins with whsec_; expected base64 after"
            ) from exc
    if len(key) < 16:
        raise ChannelError(
            f"ALERT_SIGNING_KEY has {len(key)} bytes; expected 16 or more: `openssl rand -hex 32`"
        )
    return key


def signature(key: bytes, identity: str, moment: str, content: bytes) -> str:
    """Return `v1,` and the base64 HMAC-SHA256 of `identity.moment.content`."""
    signed = f"{identity}.{moment}.".encode() + content
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def body_of(message: Message) -> dict[str, object]:
    """Return the message as JSON values; ids are strings, since a float would round them."""
    alerts = []
    for each in message.items:
        values = {**asdict(each), "mute": each.mute}
        for name in ("template_id", "log_entry_id"):
            values[name] = None if values[name] is None else str(values[name])
        alerts.append(values)
    return {
        "type": "logkiln.alerts",
        "timestamp": message.created_at,
        "data": {
            "key": message.key,
            "batch_id": message.batch_id,
            "title": message.title,
            "count_alerts": message.count_items,
            "alerts": alerts,
            "count_delayed": message.count_delayed,
            "held_back": [{"rule": rule, "count_alerts": count} for rule, count in message.held],
            "count_left_out": message.count_left_out,
            "page": message.page,
        },
    }
