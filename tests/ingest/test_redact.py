"""What is masked in an entry, and that nothing of it reaches the database."""

import logging
from pathlib import Path
from typing import Any

import pytest

from ingest.__main__ import main
from ingest.entry import Entry
from ingest.errors import BadOption
from ingest.handler import LogHandler
from ingest.load import load
from ingest.redact import LIMIT_DEPTH, NOTE_TEMPLATE, redact
from redaction.modes import FULL, MODES
from sql.database import Database
from tests.ingest.logs import entries_of
from tests.ingest.test_load import rows_of


def redacted(mode: str, **fields: Any) -> Entry:
    entry = Entry(**fields)
    redact(entry, mode)
    return entry


def test_attributes_are_masked_at_any_depth() -> None:
    deep: Any = "bob@example.com"
    for _ in range(3 * LIMIT_DEPTH):
        deep = [deep]
    entry = redacted(
        FULL,
        message="",
        host="10.0.0.7",
        error="not read: bob@example.com",
        attributes={
            "client": "10.0.0.7",
            "headers": {"Set-Cookie": "sid", "X-Api-Key": "k", "accept": "*/*"},
            "DB_PASSWORD": 1234,
            "tokens": 17,
            "pan": 4111111111111111,
            "bob@example.com": 1,
            "eve@example.com": 2,
            "is_ok": True,
            "deep": deep,
        },
    )
    found = entry.attributes
    deep = found.pop("deep")
    assert found == {
        "client": "[ip]",
        "headers": {"Set-Cookie": "[secret]", "X-Api-Key": "[secret]", "accept": "*/*"},
        "DB_PASSWORD": "[secret]",
        "tokens": 17,
        "pan": "[card]",
        "[e-mail]": 1,
        "[e-mail] 6": 2,
        "is_ok": True,
    }
    assert "example.com" not in str(deep)
    assert "[e-mail]" in str(deep)
    assert (entry.host, entry.error) == ("[ip]", "not read: [e-mail]")


def test_a_template_drops_attributes_and_says_so() -> None:
    entry = redacted("template", message="took 5", attributes={"a": 1}, level="INFO", trace_id="7")
    assert (entry.message, entry.attributes) == ("took [value]", {})
    assert entry.notes == [NOTE_TEMPLATE]
    assert (entry.level, entry.trace_id) == ("INFO", "7")


def test_off_changes_nothing() -> None:
    (entry,) = entries_of("2026-03-02 10:00:00,101 INFO mail to bob@example.com\n")
    assert entry.message == "mail to bob@example.com"


LINE = "2026-03-02 10:00:00,101 ERROR mail to bob@example.com from 10.0.0.7 failed\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_text(LINE)
    return path


@pytest.mark.parametrize("mode", ["full", "template"])
def test_the_database_never_sees_it(log: Path, database: Database, mode: str) -> None:
    load(database, [log], redaction=mode, say=lambda _: None)
    (row,) = rows_of(database)
    assert "bob" not in str(row)
    assert "10.0.0.7" not in str(row)
    assert row["message"].startswith("mail to [e-mail]")


def test_the_option_wins_over_the_environment(
    log: Path, database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.delenv("DATABASE_URL_UNPOOLED", raising=False)
    monkeypatch.setenv("LOGKILN_REDACT", "full")
    assert main([str(log)]) == 0
    assert main([str(log), "--redact", "off"]) == 0
    assert sorted("bob" in row["message"] for row in rows_of(database)) == [False, True]


def test_an_unknown_mode_is_refused_before_anything_is_read(
    log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGKILN_REDACT", "ful")
    assert main([str(log), "--dry-run"]) == 2
    error = capsys.readouterr().err
    assert "no redaction is named 'ful'" in error
    assert all(mode in error for mode in MODES)
    with pytest.raises(BadOption, match="expected one of off, full, template"):
        LogHandler("shop", redaction="on")


def test_the_handler_masks_before_it_queues(database: Database, database_url: str) -> None:
    handler = LogHandler("shop", database_url, redaction="full")
    logger = logging.getLogger("tests.redact")
    logger.propagate = False
    logger.addHandler(handler)
    logger.warning("mail to %s", "bob@example.com", extra={"password": "hunter"})
    logger.removeHandler(handler)
    handler.close()
    (row,) = rows_of(database)
    assert row["message"] == "mail to [e-mail]"
    assert row["attributes"]["password"] == "[secret]"
