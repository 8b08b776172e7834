"""Whatever a log says stays a quotation, and secrets stay at home."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.alerts import render
from scoring.alerts.message import Item, Message, shown
from scoring.alerts.redact import redacted
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


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("login of bob@example.org failed", "bob@example.org"),
        ("connect postgres://me:hunter2@db/x", "hunter2"),
        ("Authorization: Bearer abcdef0123456789", "abcdef0123456789"),
        ("password=hunter2 user=x", "hunter2"),
        ('{"api_key": "abc123def"}', "abc123def"),
        ("key AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE"),
        ("push with ghp_0123456789abcdefABCDEF", "ghp_0123456789abcdefABCDEF"),
        ("card 4111 1111 1111 1111 declined", "1111 1111"),
        ("from 10.1.2.3 port 5", "10.1.2.3"),
        ("from 2001:db8::1 port 5", "2001:db8::1"),
        ("jwt eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "eyJzdWIiOiIx"),
        ("session 0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
    ],
)
def test_secrets_and_persons_are_masked(text: str, secret: str) -> None:
    assert secret not in redacted(text)
    assert "[" in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "disk /dev/sda1 full: 12345 blocks at 2026-01-02 03:04:05.678",
        "order 1234567890123 shipped",
        "version 1.2.3 of std::vector at line 12:34",
    ],
)
def test_ordinary_lines_are_left_alone(text: str) -> None:
    assert redacted(text) == text


def test_a_secret_at_the_bound_is_masked_before_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALERT_TEXT", raising=False)
    text = "x" * 290 + " password=hunter2hunter2hunter2"
    assert "hunter" not in shown(text, 305)
    monkeypatch.setenv("ALERT_TEXT", "full")
    assert "hunter" in shown(text, 320)


def test_wild_text_is_redacted_in_linear_time() -> None:
    for text in ("a@" * 50_000, "1 " * 50_000, "::" * 50_000, "token" * 20_000, "://" * 50_000):
        redacted(text[:4000])
