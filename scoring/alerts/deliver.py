"""Delivery: after the commit, in transactions of its own.

A message is put together once and keeps its key and its alerts. Whoever delivers it holds its row
locked from before the sending until the result is noted. What this guarantees: of several
deliverers one sends a message; each alert is in one message per channel; a message is noted as
delivered only when the channel took it. When a deliverer dies between the two, the next one sends
the message again with the same key: at least once, and once for whoever looks at the key (a signed
webhook's receiver, a mailbox at the Message-ID, and we ourselves on GitHub). A chat has no key and
may show that message twice.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from scoring.alerts.channels import Channel
from scoring.alerts.errors import DeliveryError
from scoring.alerts.github import GitHub
from scoring.alerts.message import load
from sql.database import Database

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 6 * 3600.0
LASTING_PAUSE = 3600.0
PATIENCE = 30.0
"""Seconds in which a run tries failed messages again; the next run does the rest."""
QUIET_HOURS = 24.0
"""Without anything to tell for so long, it is over."""


@dataclass
class Outcome:
    """What a run delivered, a line each."""

    delivered: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def deliver(
    database: Database,
    channels: Sequence[Channel],
    patience: float = PATIENCE,
    sleep: Callable[[float], None] = time.sleep,
) -> Outcome:
    """Put together what is to be told, and deliver what is due; return what came of it."""
    outcome = Outcome()
    for channel in channels:
        compose(database, channel.name)
    give_up_at = time.monotonic() + patience
    while True:
        for channel in channels:
            while attempt(database, channel, outcome):
                pass
        pause = seconds_until_due(database, channels)
        if pause is None or time.monotonic() + pause > give_up_at:
            break
        # A row that another deliverer holds is due and not ours: look again in a while.
        sleep(max(pause, 0.2))
    for channel in channels:
        if isinstance(channel, GitHub):
            close_when_over(database, channel, outcome)
    return outcome


def compose(database: Database, name: str) -> None:
    """Put what channel `name` is to be told into one message."""
    with database.transaction():
        database.execute("alert_messages.lock_channel", channel=name)
        database.execute("alert_messages.sort", channel=name)
        database.execute("alert_messages.compose", channel=name)


def attempt(database: Database, channel: Channel, outcome: Outcome) -> bool:
    """Send the channel's next message that is due; return whether there was one."""
    with database.transaction():
        due = database.rows("alert_messages.claim", channel=channel.name)
        if not due:
            return False
        (row,) = due
        message = load(database, row)
        number = row["message_id"]
        try:
            partly = channel.send(message)
        except DeliveryError as exc:
            database.execute(
                "alert_messages.failed",
                message_id=number,
                error=str(exc)[:500],
                seconds=pause_after(row["count_attempts"], exc),
            )
            outcome.failures.append(f"{channel.name}: message {number} was not delivered: {exc}")
            return True
        database.execute("alert_messages.delivered", message_id=number, error=partly)
    outcome.delivered.append(f"{channel.name}: {message.count_items} alerts, message {number}")
    if partly:
        outcome.failures.append(f"{channel.name}: message {number} was {partly}")
    return True


def pause_after(count_attempts: int, error: DeliveryError) -> float:
    """Return the seconds until the next attempt: four times as long each time."""
    if error.is_lasting:
        return LASTING_PAUSE
    backed_off = min(FIRST_PAUSE * 4.0 ** min(count_attempts, 20), LONGEST_PAUSE)
    return max(backed_off, error.retry_after)


def seconds_until_due(database: Database, channels: Sequence[Channel]) -> float | None:
    """Return how long until the next message of the channels is due, None when none waits."""
    names = [channel.name for channel in channels]
    with database.transaction():
        seconds: float | None = database.value("alert_messages.seconds_until_due", channels=names)
    return seconds


def close_when_over(database: Database, channel: GitHub, outcome: Outcome) -> None:
    """Close the issue when batches ran for a day and found nothing to tell."""
    with database.transaction():
        hours = database.value("alert_messages.hours_quiet", channel=channel.name)
        is_after = database.value("alert_messages.last_batch_after", channel=channel.name)
    if hours is None or hours < QUIET_HOURS or not is_after:
        return
    try:
        if channel.close(f"Nothing more to tell for {QUIET_HOURS:.0f} hours."):
            outcome.delivered.append("github: closed the issue")
    except DeliveryError as exc:
        outcome.failures.append(f"github: the issue was not closed: {exc}")
