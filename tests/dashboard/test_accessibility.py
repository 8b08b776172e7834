"""The page for those who do not use a mouse, or do not see it."""

from typing import Final, Literal

import pytest
from playwright.sync_api import Page

from tests.dashboard.conftest import ROOT, Open

AXE = ROOT / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
SCHEMES: Final[tuple[Literal["light"], Literal["dark"]]] = ("light", "dark")
WIDTHS = (1440, 768, 390)
LOOKS: Final[tuple[tuple[int, Literal["light", "dark"]], ...]] = (
    *((1440, "light"), (1440, "dark")),
    *((768, "light"), (390, "dark")),
)


def violations(page: Page) -> list[str]:
    """What axe finds, one line a kind, with the places."""
    # As an evaluated script: a <script> element would be refused by the page's policy.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{found['id']}: {[node['target'] for node in found['nodes']][:5]}"
        for found in result["violations"]
    ]


@pytest.mark.usefixtures("stocked")
def test_axe_finds_nothing_on_the_page(visit: Open) -> None:
    page = visit("?hours=72").page
    page.click("#timeline summary")
    found = []
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        found += [(width, scheme, violation) for violation in violations(page)]
    assert found == []


@pytest.mark.usefixtures("seeded")
def test_axe_finds_nothing_in_the_sheet(visit: Open) -> None:
    page = visit("?lines=source%3Dshop").page
    page.locator(".lines-view .line").first.wait_for()
    found = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found += violations(page)
    page.locator(".lines-view .line.anomalous button").first.click()
    page.locator(".log-view .current").wait_for()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found += violations(page)
    assert found == []


def test_axe_finds_nothing_where_the_page_asks_or_advises(visit: Open) -> None:
    assert violations(visit(token=None).page) == []
    assert violations(visit().page) == []
    assert violations(visit(token="wrong", forgiving=True).page) == []


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
    button = page.locator("#severity tr[data-name=critical] th button")
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
def test_nothing_hangs_over_the_side(visit: Open) -> None:
    page = visit("?hours=336&patterns=top").page
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        # Charts follow a moment after the window.
        page.wait_for_function(
            "width => document.documentElement.scrollWidth <= width", arg=width, timeout=10_000
        )
