"""What a reader says of an anomaly: kept by the real function, shown, undone, by keyboard too."""

import pytest
from playwright.sync_api import Locator, Page

from local import postgres
from tests.dashboard.conftest import JUDGED, Open, View

ON_BOTH = pytest.mark.parametrize(
    "judged", ["seeded", pytest.param("demo", marks=pytest.mark.slow)], indirect=True
)
"""A copy of the seeded database, and one of the demo's."""

VERDICTS = "select feedback_id, log_entry_id, verdict, created_by from verdicts"
MUTES = "select template_id::text, muted_until from mutes"


@pytest.fixture(autouse=True)
def writing(judged: postgres.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the function write as its own role."""
    monkeypatch.setenv("WRITER_DATABASE_URL", judged.url(JUDGED, "logkiln_writer"))


def first(page: Page) -> Locator:
    return page.locator(".anomaly").first


def said(page: Page, text: str) -> None:
    page.wait_for_function(
        "text => document.querySelector('#announcer').textContent === text", arg=text
    )


@ON_BOTH
@pytest.mark.parametrize(
    ("button", "verdict", "told"),
    [
        ("False alarm", "false_alarm", "Marked as a false alarm"),
        ("Confirm", "confirmed", "Confirmed: worth reading"),
    ],
)
def test_a_verdict_is_kept_and_undone(
    visit: Open, view: View, button: str, verdict: str, told: str
) -> None:
    page = visit("?fold=no").page
    identity = first(page).get_attribute("data-log")
    first(page).get_by_role("button", name=button).click()
    said(page, told)
    [kept] = view(VERDICTS)
    assert (str(kept["log_entry_id"]), kept["verdict"]) == (identity, verdict)
    assert kept["created_by"] == "tests"
    assert told in (first(page).locator(".judge").text_content() or "")
    assert first(page).get_by_role("button", name=button).count() == 0
    first(page).get_by_role("button", name="Undo").click()
    said(page, "Taken back")
    assert view(VERDICTS) == []
    assert first(page).get_by_role("button", name=button).count() == 1


@ON_BOTH
def test_a_pattern_is_muted_everywhere_it_stands_and_unmuted(visit: Open, view: View) -> None:
    page = visit("?fold=no").page
    first(page).get_by_role("button", name="Mute pattern for 7 days").click()
    said(page, "Pattern muted")
    [muted] = view(MUTES)
    same = view(
        "select log_entry_id from stats_anomalies"
        f" where template_id = {muted['template_id']} order by logged_at desc"
    )
    entries = page.locator(".anomaly", has=page.get_by_role("button", name="Unmute"))
    shown = {entry.get_attribute("data-log") for entry in entries.all()}
    assert shown <= {str(row["log_entry_id"]) for row in same}
    assert len(shown) > 1
    entries.last.get_by_role("button", name="Unmute").click()
    said(page, "No longer muted")
    assert view(MUTES) == []
    assert page.get_by_role("button", name="Unmute").count() == 0


def test_a_source_is_muted_in_one_of_its_logs_and_unmuted_where_mutes_are_listed(
    visit: Open, view: View
) -> None:
    page = visit("?source=redis&lines=source%3Dredis%26anomaly%3Dtrue").page
    assert "Nothing is muted" in (page.locator("#mutes").text_content() or "")
    page.locator(".lines-view .line button").first.click()
    page.get_by_role("button", name="Mute source for 7 days").click()
    said(page, "Source muted")
    muted = view("select source, template_id, created_by from mutes")
    assert muted == [{"source": "redis", "template_id": None, "created_by": "tests"}]
    page.keyboard.press("Escape")
    page.locator("#alerts .outcome", has_text="muted").wait_for()
    entry = page.locator("#mutes [data-mute]")
    assert "All of redis" in (entry.text_content() or "")
    assert "by tests" in (entry.text_content() or "")
    entry.get_by_role("button", name="Unmute").click()
    said(page, "No longer muted")
    page.locator("#mutes .empty").wait_for()
    page.locator("#alerts .outcome", has_text="held back").wait_for()
    assert page.evaluate("document.activeElement.id") == "mutes"
    assert view(MUTES) == []


def test_what_was_said_is_still_there_after_the_page_is_loaded_again(
    visit: Open, view: View
) -> None:
    page = visit("?fold=no").page
    first(page).get_by_role("button", name="False alarm").click()
    said(page, "Marked as a false alarm")
    page.reload()
    first(page).get_by_role("button", name="Undo").click()
    said(page, "Taken back")
    assert view(VERDICTS) == []


def test_it_works_by_keyboard_and_the_focus_goes_to_the_undo(visit: Open, view: View) -> None:
    page = visit("?fold=no").page
    first(page).get_by_role("button", name="False alarm").focus()
    page.keyboard.press("Enter")
    said(page, "Marked as a false alarm")
    assert page.evaluate("document.activeElement.textContent") == "Undo"
    page.keyboard.press("Space")
    said(page, "Taken back")
    assert page.evaluate("document.activeElement.textContent") == "Confirm"
    assert view(VERDICTS) == []


def test_an_open_log_is_judged_too(visit: Open, view: View) -> None:
    page = visit("?fold=no").page
    first(page).locator("button.text").click()
    log = page.locator(".log-view")
    log.get_by_role("button", name="Confirm").click()
    said(page, "Confirmed: worth reading")
    assert [row["verdict"] for row in view(VERDICTS)] == ["confirmed"]
    page.keyboard.press("Escape")
    assert first(page).get_by_role("button", name="Undo").count() == 1


def test_a_refusal_says_what_to_do_and_nothing_is_shown_as_said(
    visit: Open, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WRITER_DATABASE_URL")
    page = visit("?fold=no", forgiving=True).page
    first(page).get_by_role("button", name="Confirm").click()
    complaint = first(page).get_by_role("alert")
    complaint.filter(has_text="set WRITER_DATABASE_URL").wait_for()
    assert first(page).get_by_role("button", name="Undo").count() == 0
    assert view(VERDICTS) == []


def test_a_token_that_may_only_read_is_told_so(visit: Open, view: View) -> None:
    page = visit("?fold=no", token="masked-token", forgiving=True).page
    first(page).get_by_role("button", name="False alarm").click()
    first(page).get_by_role("alert").filter(has_text="this needs write").wait_for()
    assert view(VERDICTS) == []
