"""Deliver to some channels, and say what came of it."""

import sys
from collections.abc import Sequence
from contextlib import closing

from scoring.alerts.channels import Channel
from scoring.alerts.deliver import deliver
from sql.database import connect


def run(url: str, channels: Sequence[Channel]) -> int:
    """Deliver what waits in the database at `url`; return 1 when something was not delivered."""
    with closing(connect(url, "logkiln alerts")) as database:
        outcome = deliver(database, channels)
    for line in outcome.delivered:
        # Not on the output, which a batch that was asked for JSON has to itself.
        print(f"delivered to {line}", file=sys.stderr)
    for line in dict.fromkeys(outcome.failures):
        print(f"error: {line}", file=sys.stderr)
    return 1 if outcome.failures else 0
