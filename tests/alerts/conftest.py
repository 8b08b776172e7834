"""Alerts in a real outbox, without a model: chunks are staged as the writer does."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api import _connections
from api._respond import respond
from scoring import alerts
from sql.database import Database
from tests.alerts.receivers import Receiver, receiver

SETTINGS = (
    *("ALERT_WEBHOOK_URL", "ALERT_SIGNED_URL", "ALERT_SIGNING_KEY", "SMTP_URL", "ALERT_MAIL_TO"),
    *("ALERT_MAIL_FROM", "ALERT_GITHUB_REPO", "GITHUB_TOKEN", "GITHUB_API_URL", "ALERT_REDACT"),
)
Groups = dict[str, Any]
Health = Callable[[], str]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOGKILN_PAGE_URL", "https://logs.example.org/")


@pytest.fixture
def webhook() -> Iterator[Receiver]:
    with receiver() as started:
        yield started


@pytest.fixture
def health(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Health]:
    """What an outside monitor, which has no token, is told by the function."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    _connections.forget()

    def ask() -> str:
        status: str = json.loads(respond("GET", "/api/health", lambda _: None, b"").body)["status"]
        return status

    yield ask
    _connections.forget()


def begin(database: Database) -> int:
    with database.transaction():
        batch_id: int = database.value("tests.begin_batch")
    return batch_id


def chunk(database: Database, batch_id: int, *groups: Groups) -> None:
    """Write what a chunk brings into templates and the outbox."""
    with database.transaction():
        database.execute("groups.create_staging")
        database.execute("tests.stage", groups=json.dumps(groups))
        database.value("groups.upsert_templates")
        database.execute("groups.insert_alerts", batch_id=batch_id, are_counted=True)


def end(database: Database, batch_id: int) -> int:
    """Close the batch as the scorer does; return the number of alerts that this brought."""
    with database.transaction():
        database.execute("tests.end_batch", batch_id=batch_id)
        database.execute("schema.refresh")
        return alerts.close(database, batch_id)


def batch(database: Database, *groups: Groups) -> int:
    """One batch of one chunk."""
    batch_id = begin(database)
    chunk(database, batch_id, *groups)
    end(database, batch_id)
    return batch_id


def told(database: Database) -> list[dict[str, Any]]:
    return rows(database, "tests.alerts")


def rows(database: Database, name: str) -> list[dict[str, Any]]:
    with database.transaction():
        return database.rows(name)


def run(database: Database, name: str, **parameters: Any) -> None:
    with database.transaction():
        database.execute(name, **parameters)


def add_rule(database: Database, **columns: Any) -> None:
    run(database, "tests.add_rule", rule=json.dumps(columns))


def add_log(database: Database, message: str, **columns: Any) -> None:
    """The example log of a group with the same `id` and `at`."""
    log = {"id": 1, "message": message, **columns}
    run(database, "tests.add_logs", logs=json.dumps([log]))


def ago(hours: float) -> str:
    """The time so many hours ago."""
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


def many(count: int, **columns: Any) -> list[Groups]:
    """So many groups, each of a template of its own."""
    return [{"template_id": number, **columns} for number in range(1, count + 1)]
