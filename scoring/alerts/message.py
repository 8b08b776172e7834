"""A message: what a channel is told at once, with every text of a log already harmless."""

import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from redaction.modes import FULL, OFF, TEMPLATE, mode_named
from redaction.rules import masked
from scoring.alerts.text import plain
from sql.database import Database

MOST_ITEMS = 10
"""Alerts shown one by one; of the others the number is said."""
LONGEST_LINE = 300
Row = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """One thing that is told: all alerts of a template, or one of a source or the batch."""

    fingerprint: str
    rules: tuple[str, ...]
    kind: str
    severity: str
    source: str
    template_id: int | None
    template: str
    count_logs: int
    first_logged_at: str
    log_entry_id: int | None
    logged_at: str | None
    reasons: tuple[str, ...]
    line: str
    """An example log as far as ALERT_REDACT lets it out; empty when there is none."""
    link: str
    """Where the page shows it; empty without LOGKILN_PAGE_URL."""

    @property
    def mute(self) -> str:
        """The command that mutes it for a week; safe to paste whatever the source is called."""
        if self.template_id is not None:
            return f"python -m scoring.alerts mute --template={self.template_id} --for=7d"
        source = "".join(
            letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "?"
            for letter in self.source
        )
        return f"python -m scoring.alerts mute --source='{source}' --for=7d"


@dataclass(frozen=True)
class Message:
    """What a channel is told at once."""

    key: str
    """Idempotency key, the same at every attempt."""
    batch_id: int
    created_at: str
    items: tuple[Item, ...]
    """The most severe, MOST_ITEMS at most."""
    count_items: int
    count_delayed: int
    """Alerts that waited for quiet hours to end."""
    held: tuple[tuple[str, int], ...]
    """Rules beyond their hourly cap and the number of alerts that were not told."""
    count_left_out: int
    page: str

    @property
    def title(self) -> str:
        """Subject: how many and the worst of them."""
        return f"{self.headline} ({self.items[0].source})"

    @property
    def headline(self) -> str:
        """The same without any word of a log."""
        many = "1 alert" if self.count_items == 1 else f"{self.count_items:,} alerts"
        return f"Logkiln: {many}, worst {self.items[0].severity}"

    @property
    def notes(self) -> list[str]:
        """What is not shown, and why; a sentence each."""
        notes = []
        if (more := self.count_items - len(self.items)) > 0:
            notes.append(f"{more:,} more of this message are on the page.")
        if self.count_delayed:
            notes.append(f"{self.count_delayed:,} of these waited for quiet hours to end.")
        notes += [
            f"{count:,} held back by the hourly cap of rule {rule}." for rule, count in self.held
        ]
        if self.count_left_out:
            notes.append(
                f"{self.count_left_out:,} matches were not kept: a rule may tell 100 a batch; "
                "narrow the rule."
            )
        return notes


def load(database: Database, row: Row, most: int = MOST_ITEMS) -> Message:
    """Return the message of a `row` of `alert_messages`, in the open transaction."""
    told = database.rows("alert_messages.told", message_id=row["message_id"])
    groups = merged(told)
    lines = examples(database, [group[0] for group in groups[:most]])
    held = database.rows("alert_messages.held", message_id=row["message_id"])
    return Message(
        key=row["message_key"],
        batch_id=row["batch_id"],
        created_at=row["created_at"].isoformat(),
        items=tuple(item(group, lines) for group in groups[:most]),
        count_items=len(groups),
        count_delayed=sum(alert["is_delayed"] for alert in told),
        held=tuple((plain(each["rule"], 80), each["count_alerts"]) for each in held),
        count_left_out=database.value("alert_messages.left_out", message_id=row["message_id"]),
        page=page_url(),
    )


def merged(told: list[Row]) -> list[list[Row]]:
    """Return alerts by what they are about: several rules may tell of one template."""
    groups: dict[object, list[Row]] = {}
    for alert in told:
        about = alert["template_id"]
        groups.setdefault(alert["fingerprint"] if about is None else about, []).append(alert)
    return list(groups.values())


def examples(database: Database, alerts: list[Row]) -> dict[int, str]:
    """Return the beginnings of the example logs by id; none when ALERT_REDACT is template."""
    if redaction_mode() == TEMPLATE:
        return {}
    known = [alert for alert in alerts if alert["example_logged_at"] is not None]
    found = database.rows(
        "alert_messages.lines",
        ids=[alert["example_log_entry_id"] for alert in known],
        times=[alert["example_logged_at"] for alert in known],
        most=4 * LONGEST_LINE,
    )
    return {log["id"]: log["message"] for log in found}


def item(group: list[Row], lines: dict[int, str]) -> Item:
    """Return one item of the alerts in `group`, the most severe first."""
    alert = group[0]
    reasons = [line for each in group for line in each["reasons"].split("\n") if line]
    line = lines.get(alert["example_log_entry_id"], "")
    return Item(
        fingerprint=alert["fingerprint"],
        rules=tuple(dict.fromkeys(plain(each["rule"] or "", 80) for each in group)),
        kind=alert["kind"],
        severity=alert["severity"],
        source=plain(alert["source"], 80) or "(no source)",
        template_id=alert["template_id"],
        template=plain(alert["template_text"] or "", LONGEST_LINE),
        count_logs=sum(each["count_logs"] for each in group),
        first_logged_at=min(each["first_logged_at"] for each in group),
        log_entry_id=alert["example_log_entry_id"],
        logged_at=alert["example_logged_at"],
        reasons=tuple(shown(reason, 200) for reason in dict.fromkeys(reasons))[:6],
        line=shown(line, LONGEST_LINE),
        link=link(alert),
    )


def shown(text: str, most: int) -> str:
    """Return text of a log as far as ALERT_REDACT lets it out."""
    # Redacted before it is cut: half a secret is no longer recognised.
    text = plain(text, 4 * most)
    return plain(text if redaction_mode() == OFF else masked(text, is_leaving=True), most)


def redaction_mode() -> str:
    """Return the mode that ALERT_REDACT names, full for none; ValueError when it names no mode."""
    if "ALERT_TEXT" in os.environ:
        # Ignored, it would send out lines that it was set to hold back.
        raise ValueError("ALERT_TEXT is called ALERT_REDACT now: full, template or off; rename it")
    try:
        return mode_named(os.environ.get("ALERT_REDACT", ""), default=FULL)
    except ValueError as exc:
        raise ValueError(f"ALERT_REDACT: {exc}") from exc


def page_url() -> str:
    """Return where the page is, or nothing when LOGKILN_PAGE_URL is no address of a page."""
    given = os.environ.get("LOGKILN_PAGE_URL", "").strip()
    return given.split("#")[0].split("?")[0] if given.startswith(("https://", "http://")) else ""


def link(alert: Row) -> str:
    """Return the address at which the page shows the alert's logs, the example opened."""
    if not (page := page_url()):
        return ""
    lines = (
        {"source": alert["source"]}
        if alert["template_id"] is None
        else {"template_id": str(alert["template_id"])}
    )
    if alert["template_id"] is None and alert["source"] == "logkiln":
        return page
    query = {"lines": urlencode(lines)}
    if alert["example_log_entry_id"] is not None and alert["example_logged_at"] is not None:
        query |= {"log": str(alert["example_log_entry_id"]), "at": alert["example_logged_at"]}
    return f"{page}?{urlencode(query)}"
