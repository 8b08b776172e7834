"""Nothing there, nobody let in, nothing answering: the page says what to do."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from sql.database import Database
from tests.dashboard.conftest import Open, serving


def test_an_empty_database_is_told_what_to_do_first(visit: Open, database: Database) -> None:
    page = visit().page
    notice = page.locator("#notice").text_content() or ""
    assert "No logs yet" in notice
    for command in ("python -m ingest", "python -m training", "python -m scoring"):
        assert command in notice
    assert page.locator("#page").is_hidden()


def test_logs_without_a_batch_are_counted(visit: Open, database: Database) -> None:
    with database.transaction():
        database.run_text(
            "insert into log_entries (logged_at, source, message)"
            " select now(), 'shop', 'waits' from generate_series(1, 3)"
        )
        database.execute("schema.refresh")
    assert "3 logs wait for their first batch" in (
        visit().page.locator("#notice").text_content() or ""
    )


@pytest.mark.usefixtures("seeded")
def test_the_token_leaves_the_address_and_stays_in_the_tab(visit: Open) -> None:
    visited = visit("?hours=6")
    assert "token" not in visited.page.url
    visited.page.reload()
    visited.settle()
    assert visited.page.locator("[data-card=logs]").is_visible()
    assert not any("token" in request for request in visited.requests[1:])


@pytest.mark.usefixtures("seeded")
def test_without_a_token_it_is_asked_for_once(visit: Open) -> None:
    visited = visit(token=None)
    page = visited.page
    assert page.locator("#page").is_hidden()
    assert [request for request in visited.requests if "/api/" in request] == []
    page.get_by_label("Token").fill("test-token")
    page.keyboard.press("Enter")
    page.locator("[data-card=logs]").wait_for()


@pytest.mark.usefixtures("seeded")
def test_a_wrong_token_is_refused_in_words_and_asked_for_again(visit: Open) -> None:
    page = visit(token="wrong", forgiving=True).page
    assert "not known here" in (page.get_by_role("alert").text_content() or "")
    page.get_by_label("Token").fill("test-token")
    page.keyboard.press("Enter")
    page.locator("[data-card=logs]").wait_for()
    assert page.locator("#notice").text_content() == ""


def test_a_deployment_without_tokens_says_how_to_set_one(
    visit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_TOKEN", "")
    page = visit(forgiving=True).page
    assert "set API_TOKEN" in (page.get_by_role("alert").text_content() or "")


def test_a_database_that_is_away_can_be_tried_again(
    visit: Open, seeded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:9/nothing")
    page = visit(forgiving=True).page
    assert "database" in (page.get_by_role("alert").text_content() or "").lower()
    monkeypatch.setenv("DATABASE_URL", seeded)
    page.get_by_role("button", name="Try again").click()
    page.locator("[data-card=logs]").wait_for()


@pytest.mark.usefixtures("seeded")
def test_an_api_that_cannot_be_reached_is_told_panel_by_panel(visit: Open) -> None:
    page = visit(forgiving=True).page
    page.route("**/api/**", lambda route: route.abort())
    page.get_by_role("button", name="14 d").click()
    failure = page.locator("#timeline .failure")
    failure.wait_for()
    assert "The API cannot be reached." in (failure.text_content() or "")
    page.unroute("**/api/**")
    failure.get_by_role("button", name="Try again").click()
    page.locator("#timeline .u-over").first.wait_for()


@pytest.mark.usefixtures("seeded")
def test_a_window_without_logs_offers_a_longer_one(visit: Open) -> None:
    page = visit("?since=2020-01-01T00:00:00Z&until=2020-01-01T06:00:00Z").page
    page.locator("#timeline .empty button").click()
    page.locator("#timeline .u-over").first.wait_for()


@pytest.mark.usefixtures("seeded")
def test_the_demo_says_that_times_are_shifted(
    visit: Open, environment: None, built_page: Path
) -> None:
    assert visit().page.locator("#demo").is_hidden()
    note = b'{"shifted_by_seconds": 60, "note": "All times are moved forward by a minute."}'
    with serving(built_page, {"/demo.json": note}) as address:
        page = visit(at=address).page
        page.locator("#demo").wait_for()
        assert page.locator("#demo").text_content() == "All times are moved forward by a minute."
        page.close()


PANELS = (
    *("timeline", "sources", "anomalies", "patterns", "traces"),
    *("alerts", "outside", "mislabelled", "models", "batches"),
)
"""Those that ask more than the overview does."""
THEIRS = re.compile(r"/api/(?!status|freshness|feedback|mute)")


def enter(page: Page) -> None:
    page.get_by_label("Token").fill("test-token")
    page.keyboard.press("Enter")
    page.locator("[data-card=logs]").wait_for()


@pytest.mark.usefixtures("seeded")
def test_each_panel_says_that_it_loads(visit: Open) -> None:
    page = visit(token=None).page
    held: list[Route] = []
    page.route(THEIRS, lambda route: held.append(route))
    enter(page)
    for panel in PANELS:
        assert page.locator(f"#{panel}[aria-busy=true] .skeleton").text_content() == "Loading"
    for route in held:
        route.continue_()
    page.unroute(THEIRS)
    page.locator("#page [aria-busy=true], .skeleton").first.wait_for(state="detached")
    assert page.locator("#page .failure").count() == 0


@pytest.mark.usefixtures("seeded")
def test_each_panel_fails_by_itself_and_can_be_tried_again(visit: Open) -> None:
    page = visit(token=None, forgiving=True).page
    problem = '{"title": "Away", "detail": "The database is away. Ask again in a second."}'
    page.route(THEIRS, lambda route: route.fulfill(status=503, body=problem))
    enter(page)
    for panel in PANELS:
        told = page.locator(f"#{panel} .failure")
        told.wait_for()
        assert "The database is away. Ask again" in (told.text_content() or "")
    page.unroute(THEIRS)
    for panel in PANELS:
        page.locator(f"#{panel}").get_by_role("button", name="Try again").click()
    page.locator("#page .failure").first.wait_for(state="detached")
    page.locator("#timeline .u-over").first.wait_for()


@pytest.mark.usefixtures("seeded")
def test_each_panel_says_that_it_has_nothing_to_show(visit: Open) -> None:
    page = visit("?source=nobody").page
    told = {
        "timeline": "nobody wrote no logs in this window. The charts hold the last 14 days.",
        "sources": "No log of nobody has been scored yet.",
        "anomalies": "No anomalies in this window from nobody.",
        "patterns": "No new pattern in the last 24 hours. (nobody)",
        "alerts": "Nothing of nobody was worth telling.",
        "mislabelled": "Every declared level fits its text.",
        "mutes": "Nothing is muted.",
    }
    for panel, text in told.items():
        shown = page.locator(f"#{panel} .empty").inner_text()
        assert text in " ".join(shown.split())
