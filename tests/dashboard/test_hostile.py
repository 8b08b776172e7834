"""Log text is text, whatever it says."""

import pytest

from tests.dashboard.conftest import Open, View

pytestmark = pytest.mark.usefixtures("seeded")


def test_markup_in_a_message_is_shown_and_does_nothing(visit: Open) -> None:
    page = visit("?fold=no").page
    text = page.locator(".anomaly button.text", has_text="<script>").first
    assert "<script>window.hacked = 1</script><img src=x onerror=" in (text.text_content() or "")
    text.click()
    message = page.locator(".log-view .message")
    message.wait_for()
    assert message.locator("*").count() == 0
    assert page.evaluate("window.hacked") is None
    assert page.locator("main script, main img, dialog script, dialog img").count() == 0


def test_markup_in_reasons_sources_and_templates_does_nothing(visit: Open) -> None:
    page = visit("?patterns=new&fold=no").page
    assert page.locator("#sources", has_text="<b>source</b>").count() == 1
    assert page.locator(".reasons", has_text="<img src=x onerror=alert(1)>").count() == 1
    assert page.locator("#patterns", has_text="<script>window.hacked").count() == 1
    assert page.locator("#sources b, .reasons img").count() == 0


def test_control_characters_are_visible_symbols(visit: Open) -> None:
    page = visit("?lines=q%3Dterminal").page
    text = page.locator(".lines-view .line .text").first
    text.wait_for()
    assert (
        text.text_content()
        == "terminal ␛[31mred␛[0m bell ␇ reversed ⟨U+202E⟩txt.exe zero⟨U+200B⟩width"
    )


def test_a_message_of_a_megabyte_is_cut_until_asked_for(visit: Open, view: View) -> None:
    [long] = view("select log_entry_id from scored_logs where length(message) > 1000000")
    page = visit("?lines=q%3Dmegabyte").page
    line = page.locator(f".lines-view .line[data-log='{long['log_entry_id']}']")
    assert len(line.text_content() or "") < 600
    line.locator("button").click()
    message = page.locator(".log-view .message")
    message.wait_for()
    assert len(message.text_content() or "") == 2000
    page.get_by_role("button", name="Show all 1,000,009 characters").click()
    assert len(message.text_content() or "") == 1_000_009


def test_a_token_without_raw_sees_templates(visit: Open) -> None:
    page = visit("?lines=q%3Ddeadlock", token="masked-token").page
    text = page.locator(".lines-view .line .text").first
    text.wait_for()
    assert text.text_content() == "deadlock detected"
    page.locator(".lines-view .line button").first.click()
    page.locator(".log-view .message").wait_for()
    assert page.locator(".log-view .message").text_content() == "deadlock detected"
    assert "the token lacks the scope raw" in (page.locator(".log-view").text_content() or "")
