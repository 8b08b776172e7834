"""The page for those who do not use a mouse, or do not see it."""

from pathlib import Path

import pytest

from tests.dashboard.conftest import ROOT, Open, Visit

AXE = ROOT / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"


def violations(visited: Visit) -> list[str]:
    """What axe finds, one line a kind, with the places."""
    # As an evaluated script: a <script> element would be refused by the page's policy.
    visited.page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    result = visited.page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{found['id']}: {[node['target'] for node in found['nodes']][:5]}"
        for found in result["violations"]
    ]


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 900, 390])
def test_axe_finds_nothing_on_the_page(visit: Open, width: int, scheme: str) -> None:
    visited = visit("?hours=72", width=width, scheme=scheme)
    visited.page.click("#timeline summary")
    assert violations(visited) == []


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_sheet(visit: Open, scheme: str) -> None:
    visited = visit("?lines=source%3Dshop", scheme=scheme)
    visited.page.locator(".lines-view .line").first.wait_for()
    assert violations(visited) == []
    visited.page.locator(".lines-view .line.anomalous button").first.click()
    visited.page.locator(".log-view .current").wait_for()
    assert violations(visited) == []


def test_axe_finds_nothing_where_the_page_asks_or_advises(visit: Open) -> None:
    assert violations(visit(token=None)) == []
    assert violations(visit()) == []
    assert violations(visit(token="wrong", forgiving=True)) == []


@pytest.mark.usefixtures("seeded")
def test_the_heat_map_is_one_stop_and_arrows_walk_it(visit: Open) -> None:
    page = visit().page
    page.locator("#sources .cell[tabindex='0']").focus()
    before = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    after = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert before.split(",")[0] != after.split(",")[0]
    assert page.locator("#sources .cell[tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    page.locator("dialog[open]").wait_for()


@pytest.mark.usefixtures("seeded")
def test_closing_the_sheet_gives_the_focus_back(visit: Open) -> None:
    page = visit().page
    button = page.locator("#severity tr[data-name=critical] button")
    button.focus()
    page.keyboard.press("Enter")
    page.locator(".lines-view .line").first.wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="hidden")
    assert button.evaluate("element => element === document.activeElement")


@pytest.mark.usefixtures("seeded")
def test_the_first_tab_skips_to_the_page(visit: Open) -> None:
    page = visit().page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "page"


@pytest.mark.usefixtures("seeded")
def test_a_filter_keeps_the_keyboards_place(visit: Open) -> None:
    page = visit().page
    page.get_by_role("button", name="7 d", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**hours=168**")
    assert page.evaluate("document.activeElement.textContent") == "7 d"


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize("width", [1440, 900, 390])
def test_nothing_hangs_over_the_side(visit: Open, width: int) -> None:
    page = visit("?hours=336&patterns=top", width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
