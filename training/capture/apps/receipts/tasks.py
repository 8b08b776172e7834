# mypy: disable-error-code="import-not-found,import-untyped,untyped-decorator,no-any-return"
"""The shop's background jobs, run by Celery with a schedule of its own."""

import json
import os
import random
import time
from pathlib import Path
from typing import Any

from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded
from celery.utils.log import get_task_logger

log = get_task_logger("receipts")
app = Celery("receipts", broker=os.environ["BROKER"], backend=os.environ["BROKER"])
app.conf.update(
    broker_connection_retry_on_startup=True,
    broker_transport_options={"socket_timeout": 3, "socket_connect_timeout": 3},
    result_expires=60,
    task_soft_time_limit=5,
    task_time_limit=7,
    timezone="UTC",
    worker_max_tasks_per_child=60,
    beat_schedule_filename=os.environ["SCHEDULE"],
    beat_schedule={
        "send": {"task": "receipts.send", "schedule": 0.9},
        "thumbnail": {"task": "receipts.thumbnail", "schedule": 2.7},
        "reconcile": {"task": "receipts.reconcile", "schedule": 11.0},
        "clean": {"task": "receipts.clean", "schedule": 29.0},
    },
)
SETTINGS = Path(os.environ["SETTINGS"])


class Mailbox(Exception):
    """The mail server did not take a receipt."""


def _settings() -> dict[str, Any]:
    return dict(json.loads(SETTINGS.read_text(encoding="utf-8")))


@app.task(name="receipts.send", bind=True, max_retries=2, default_retry_delay=2)
def send(self: Any, order: int | None = None) -> str:
    """Send one receipt; some mailboxes refuse at first."""
    order = order or random.randint(1, 90000)
    settings = _settings()
    log.debug("rendering receipt of order %d with template %s", order, settings["template"])
    if random.random() < settings["refusals"]:
        log.warning("mailbox of order %d is busy, attempt %d", order, self.request.retries + 1)
        raise self.retry(exc=Mailbox(f"450 mailbox of order {order} busy"))
    time.sleep(random.uniform(0.01, 0.08))
    log.info("receipt of order %d sent", order)
    return f"sent {order}"


@app.task(name="receipts.thumbnail")
def thumbnail() -> int:
    """Scale a picture; the time it takes is the settings' affair."""
    product = random.randint(1, 300)
    try:
        time.sleep(_settings()["scaling"] * random.uniform(0.5, 1.5))
    except SoftTimeLimitExceeded:
        log.error("thumbnail of product %d takes too long", product)
        raise
    log.debug("thumbnail of product %d scaled", product)
    return product


@app.task(name="receipts.reconcile")
def reconcile() -> float:
    """Compare takings with receipts."""
    takings, receipts = random.uniform(900, 1000), random.uniform(900, 1000)
    difference = takings - receipts
    if abs(difference) > 70:
        log.warning("takings and receipts differ by %.2f", difference)
    ratio = takings / _settings()["receipts_per_day"]
    log.info("reconciled: %.2f per receipt", ratio)
    return ratio


@app.task(name="receipts.clean")
def clean() -> None:
    """Remove old receipts."""
    log.info("removed %d receipts older than 90 days", random.randint(0, 40))
