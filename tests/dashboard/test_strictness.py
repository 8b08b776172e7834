"""What the page may do: little; and what it weighs: little."""

import gzip
import re
import urllib.request
from pathlib import Path

import pytest

from tests.dashboard.conftest import Open

MOST_SCRIPT_BYTES = 100_000


def test_a_strict_policy_is_sent_with_the_page(address: str) -> None:
    with urllib.request.urlopen(address) as answer:
        policy = answer.headers["Content-Security-Policy"]
    directives = {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}
    assert directives["default-src"] == ["'none'"]
    assert directives["script-src"] == ["'self'"]
    assert directives["style-src"] == ["'self'"]
    assert directives["connect-src"] == ["'self'"]


@pytest.mark.usefixtures("seeded")
def test_nothing_breaks_the_policy_or_leaves_the_server(visit: Open, address: str) -> None:
    visited = visit("?lines=source%3Dshop")
    visited.page.locator(".lines-view .line button").first.click()
    visited.page.locator(".log-view .message").wait_for()
    # The browser reports violations as console errors; the fixture asserts that there are none.
    assert all(request.startswith(address) for request in visited.requests)


def test_the_policy_would_stop_an_inline_script(visit: Open) -> None:
    visited = visit(forgiving=True)
    visited.page.evaluate(
        "() => { const s = document.createElement('script');"
        " s.textContent = 'window.hacked = 1'; document.body.append(s); }"
    )
    assert visited.page.evaluate("window.hacked") is None
    assert any("Content Security Policy" in complaint for complaint in visited.complaints)


def test_the_built_page_has_nothing_inline(built_page: Path) -> None:
    html = (built_page / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"https?://", html)


def test_the_script_weighs_at_most_100_kb_gzipped(built_page: Path) -> None:
    scripts = list((built_page / "assets").glob("*.js"))
    sizes = [len(gzip.compress(script.read_bytes(), 9)) for script in scripts]
    assert 0 < sum(sizes) <= MOST_SCRIPT_BYTES
