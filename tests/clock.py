"""No test sees an hour end that it began in: alerts are told once a day, partitions are days."""

import time

import pytest

SECONDS_LEFT = 10
"""What a test needs that counts by the hour or the day; longer ones do not mind."""


@pytest.fixture(autouse=True)
def whole_hour() -> None:
    """Wait for the next hour where this one is about to end."""
    left = 3600 - time.time() % 3600
    if left < SECONDS_LEFT:
        time.sleep(left)
