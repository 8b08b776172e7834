"""Whatever a log says stays a quotation, and secrets stay at home."""

import re
from collections import Counter
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.alerts import render
from scoring.alerts.mail import Mail
from scoring.alerts.message import Item, Message, shown
from scoring.alerts.text import fenced, plain

HOSTILE = [
    "<!channel> <@U123> <https://evil.example|click>",
    "``` @everyone @here [x](javascript:1) ```",
    "\x1b[2J\x1b[31mred\x07 \x00 \x9b",
    "\u202egnp.exe \u200b\ufeff \ud800",
    "*bold* _it_ ~~~ # head\n\n---\n| a | b |\r\n<script>alert(1)</script>",
    "a" * 1_000_000,
]


def message_of(text: str) -> Message:
    """A message every word of which is `text`."""
    safe = plain(text, 300)
    item = Item(
        fingerprint="1:2026-01-01",
        rules=(safe,),
        kind="anomaly",
        severity="high",
        source=plain(text, 80) or "(no source)",
        template_id=None,
        template=safe,
        count_logs=3,
        first_logged_at="2026-01-01T00:00:00Z",
        log_entry_id=1,
        logged_at="2026-01-01T00:00:00Z",
        reasons=(safe, safe),
        line=safe,
        link="",
    )
    held = ((plain(text, 80), 3),)
    return Message("key", 1, "2026-01-01T00:00:00+00:00", (item,), 1, 0, held, 0, "")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_code_in_a_chat(text: str) -> None:
    message = message_of(text)
    assert not re.search("[<>]", re.sub("^&gt; |^> ", "", render.slack(message), flags=re.M))
    for said in (render.slack(message), render.discord(message)):
        outside = re.sub(r"`[^`]*`", "", said)
        assert "@" not in outside
        assert "evil" not in outside
        assert "bold" not in outside
        assert "\x1b" not in said
        assert len(said) <= 8000


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_code_in_markdown(text: str) -> None:
    said = render.markdown(message_of(text))
    outside = re.sub(r"^(`{3,})\w+\n.*?\n\1$", "", said, flags=re.M | re.S)
    assert "@" not in outside
    assert "evil" not in outside
    assert "<" not in outside
    assert len(said) < 5000


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_escaped_in_html(text: str) -> None:
    tags = set(re.findall(r"<[^>]*>", render.page(message_of(text))))
    assert {re.split(r"[ >]", tag)[0] for tag in tags} <= {
        *("<h2", "</h2", "<h3", "</h3", "<p", "</p", "<ul", "</ul", "<li", "</li"),
        *("<pre", "</pre", "<code", "</code"),
    }


@pytest.mark.parametrize("text", [*HOSTILE, "a\r\nBcc: x@example.org", "=?utf-8?q?=0D=0ABcc:x?="])
def test_hostile_text_stays_in_the_subject_of_a_mail(text: str) -> None:
    mail = Mail("smtp://localhost", "a@example.org")
    sent = message_from_bytes(mail.compose(message_of(text)).as_bytes(), policy=policy.default)
    expected = ("Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted")
    assert Counter(sent.keys()) == Counter([*expected, "MIME-Version", "Content-Type"])
    assert sent["To"] == "a@example.org"
    assert len(sent["Subject"]) < 200


@given(st.text(), st.integers(2, 50))
def test_plain_text_is_one_bounded_line_without_controls(text: str, most: int) -> None:
    said = plain(text, most)
    assert len(said) <= most
    assert (
        said.isprintable() or " " in said or said == "" or not re.search(r"[\x00-\x1f\x7f]", said)
    )
    said.encode()
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", said)


@given(st.text())
def test_a_fence_is_longer_than_any_run_of_backticks_inside(text: str) -> None:
    fence = fenced(text).split("text", 1)[0]
    assert fence not in text


def test_a_secret_at_the_bound_is_masked_before_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALERT_REDACT", raising=False)
    text = "x" * 290 + " password=hunter2hunter2hunter2"
    assert "hunter" not in shown(text, 305)
    monkeypatch.setenv("ALERT_REDACT", "off")
    assert "hunter" in shown(text, 320)
