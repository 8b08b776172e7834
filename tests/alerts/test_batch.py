"""`python -m scoring` on real logs with real models tells a channel what it found."""

from pathlib import Path

import pytest

from scoring.__main__ import main
from sql.database import connect
from tests.alerts.conftest import add_rule, rows
from tests.alerts.receivers import Receiver


def test_a_batch_tells_what_it_found_once_and_never_fails_for_a_channel(
    captured_url: str,
    models_folder: Path,
    webhook: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", captured_url)
    monkeypatch.setenv("ALERT_WEBHOOK_URL", webhook.url)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.setattr("scoring.alerts.deliver.FIRST_PAUSE", 60.0)
    webhook.answer = lambda _: (500, {}, b"")
    database = connect(captured_url)
    add_rule(database, name="everything", kind="occurrence")
    words = ["--folder", str(models_folder), "--all"]
    assert main(words) == 0
    assert "webhook: message 1 was not delivered: answered 500" in capsys.readouterr().err
    with database.transaction():
        database.execute("tests.make_due")
    webhook.answer = lambda _: (200, {}, b"ok")
    assert main(words) == 0
    assert main(words) == 0
    assert len(webhook.requests) == 2
    assert webhook.requests[0].body == webhook.requests[1].body
    found = rows(database, "tests.alerts")
    told = [alert for alert in found if alert["delivered_at"] is not None]
    said = webhook.requests[1].json["text"]
    assert told
    assert f"{len(told)} alerts" in said
    assert "80 held back by the hourly cap of rule everything" in said
    database.close()
