"""`python -m scoring.alerts [deliver|mute|test]`: deliver what waits, mute, try the channels.

Exit codes: 0 done, or nothing to do; 1 something was not delivered and stays in the outbox, or the
database failed; 2 wrong words or a channel that is set up wrongly.
"""

import argparse
import os
import re
import sys
import uuid
from contextlib import closing
from datetime import UTC, datetime

from scoring.alerts.channels import configured
from scoring.alerts.errors import ChannelError, DeliveryError
from scoring.alerts.message import Item, Message, page_url
from scoring.alerts.run import run
from sql.database import connect, database_url
from sql.errors import DatabaseError

NO_CHANNEL = (
    "no channel is set up: set ALERT_WEBHOOK_URL, ALERT_SIGNED_URL with ALERT_SIGNING_KEY, "
    "SMTP_URL with ALERT_MAIL_TO, or ALERT_GITHUB_REPO with GITHUB_TOKEN"
)


def run_deliver(_options: argparse.Namespace) -> int:
    """Deliver what waits."""
    found = configured(os.environ)
    if not found:
        print(NO_CHANNEL)
        return 0
    return run(database_url(), found)


def run_mute(options: argparse.Namespace) -> int:
    """Hear no more of a source, a template, or both, for a while."""
    with closing(connect(application="logkiln alerts")) as database, database.transaction():
        muted = database.row(
            "alert_rules.mute",
            source=options.source,
            template_id=options.template,
            seconds=options.seconds,
            reason=options.reason,
        )
    print(f"muted until {muted['muted_until']:%Y-%m-%d %H:%M %Z} (mute {muted['mute_id']})")
    return 0


def run_test(_options: argparse.Namespace) -> int:
    """Send a test message to every channel that is set up."""
    found = configured(os.environ)
    if not found:
        print(NO_CHANNEL)
        return 1
    code = 0
    for channel in found:
        try:
            channel.send(test_message())
        except DeliveryError as exc:
            print(f"error: {channel.name}: {exc}", file=sys.stderr)
            code = 1
        else:
            print(f"{channel.name} took a test message")
    return code


def test_message() -> Message:
    """Return a message that says that it is a test."""
    now = datetime.now(UTC).isoformat()
    only = Item(
        fingerprint="test",
        rules=("test",),
        kind="test",
        severity="low",
        source="logkiln",
        template_id=None,
        template="",
        count_logs=0,
        first_logged_at=now,
        log_entry_id=None,
        logged_at=None,
        reasons=("a test of this channel, nothing happened",),
        line="",
        link=page_url(),
    )
    return Message(
        key=str(uuid.uuid4()),
        batch_id=0,
        created_at=now,
        items=(only,),
        count_items=1,
        count_delayed=0,
        held=(),
        count_left_out=0,
        page=page_url(),
    )


def seconds(text: str) -> float:
    """Return the seconds of `7d`, `6h` or `90m`."""
    match = re.fullmatch(r"([1-9][0-9]{0,4})([mhd])", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a span; expected 90m, 6h or 7d")
    return int(match[1]) * {"m": 60.0, "h": 3600.0, "d": 86400.0}[match[2]]


def parser() -> argparse.ArgumentParser:
    """Return the words that the command takes."""
    words = argparse.ArgumentParser(
        prog="python -m scoring.alerts", description="Deliver alerts, mute, try the channels."
    )
    words.set_defaults(run=run_deliver)
    commands = words.add_subparsers(metavar="COMMAND")
    commands.add_parser("deliver", help="deliver what waits (the default)")
    mute = commands.add_parser("mute", help="hear no more of a source, a template, or both")
    mute.add_argument("--source", help="name of the source")
    mute.add_argument("--template", type=int, help="number of the template")
    mute.add_argument(
        "--for", dest="seconds", type=seconds, default="7d", metavar="7d", help="90m, 6h, 7d (7d)"
    )
    mute.add_argument("--reason", help="why, for whoever finds it")
    mute.set_defaults(run=run_mute)
    commands.add_parser("test", help="send a test message").set_defaults(run=run_test)
    return words


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code."""
    words = parser()
    options = words.parse_args(arguments)
    if options.run is run_mute and options.source is None and options.template is None:
        words.error("mute needs --source, --template, or both")
    try:
        code: int = options.run(options)
    except ChannelError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    except DatabaseError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
