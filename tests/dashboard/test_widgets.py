"""The custom elements, on the example page and on a page of another origin."""

import json
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.dashboard.conftest import TOKEN, Open, View
from tests.dashboard.test_accessibility import SCHEMES, violations

pytestmark = pytest.mark.usefixtures("seeded")


def example(visit: Open) -> Page:
    """The example page, in a tab that has a token."""
    page: Page = visit("widgets.html", settled="logkiln-anomalies li").page
    return page


def test_each_figure_of_the_example_equals_the_view(visit: Open, view: View) -> None:
    page = example(visit)
    [overview] = view("select * from stats_overview")
    for figure in ("count_anomalies_24h", "count_unscored"):
        shown = page.locator(f"logkiln-stat[figure={figure}] .value").text_content()
        assert shown == f"{overview[figure]:,}"
    age = page.locator("logkiln-stat[figure=last_batch_finished_at] .value").text_content() or ""
    assert age.endswith("min ago")


def test_the_chart_draws_every_hour_and_their_sum(visit: Open, view: View) -> None:
    chart = example(visit).locator("logkiln-chart")
    [counted] = view(
        "select sum(count_anomalies) from stats_hourly"
        " where hour_at > (select refreshed_at from stats_overview) - interval '48 hours'"
    )
    assert chart.locator(".sum").text_content() == str(counted["sum"])
    assert chart.locator("rect").count() == 48


def test_anomalies_lead_to_their_log_on_the_page(visit: Open, view: View) -> None:
    page = example(visit)
    [latest] = view(
        "select log_entry_id, reasons from stats_anomalies where severity >= 'medium'"
        " order by logged_at desc, log_entry_id desc limit 1"
    )
    page.locator("logkiln-anomalies a").first.click()
    current = page.locator(".log-view .line.current")
    current.wait_for()
    assert current.get_attribute("data-log") == str(latest["log_entry_id"])


def test_markup_in_a_log_does_nothing_in_a_widget(visit: Open) -> None:
    page = example(visit)
    page.evaluate("document.querySelector('logkiln-anomalies').setAttribute('limit', '100')")
    page.locator("logkiln-anomalies .text", has_text="<script>window.hacked").wait_for()
    assert page.evaluate("window.hacked") is None
    assert page.locator("logkiln-anomalies img, logkiln-anomalies script").count() == 0


def test_a_wrong_figure_names_those_that_there_are(visit: Open) -> None:
    page = example(visit)
    page.evaluate("document.querySelector('logkiln-stat').setAttribute('figure', 'logs')")
    failed = page.locator("logkiln-stat .failed")
    failed.wait_for()
    assert "figure is logs; expected one of count_predictions" in (failed.text_content() or "")


def test_without_a_token_the_widget_says_so(visit: Open) -> None:
    page = visit("widgets.html", token=None, settled="logkiln-chart .failed", forgiving=True).page
    failed = page.locator("logkiln-chart .failed")
    assert "token is not known" in (failed.text_content() or "")


def test_axe_finds_nothing_on_the_example(visit: Open) -> None:
    page = example(visit)
    found = {}
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found[scheme] = violations(page)
    assert found == {"light": [], "dark": []}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def wiki(address: str, tmp_path: Path) -> Iterator[str]:
    """A page of another origin that shows a widget of the installation at `address`."""
    (tmp_path / "index.html").write_text(
        f'<!doctype html><title>Wiki</title><script src="{address}widgets.js" defer></script>'
        f"<logkiln-stat figure=count_sources token={TOKEN}></logkiln-stat>",
        encoding="utf-8",
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("is_allowed", [True, False])
def test_another_origin_needs_to_be_allowed(
    browser: Browser, wiki: str, view: View, is_allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORS_ORIGINS", wiki if is_allowed else "https://other.example.org")
    page = browser.new_page()
    page.goto(wiki)
    shown = page.locator("logkiln-stat .value, logkiln-stat .failed").first
    shown.wait_for()
    text = shown.text_content() or ""
    page.close()
    if is_allowed:
        [overview] = view("select count_sources from stats_overview")
        assert json.loads(text) == overview["count_sources"]
    else:
        assert "cannot be reached" in text
