"""From what is drawn to the lines behind it, and back."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page

from tests.dashboard.conftest import Open, View

pytestmark = pytest.mark.usefixtures("seeded")


def query(page: Page) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


def all_lines(page: Page) -> Locator:
    """Every line of the sheet: pages are fetched until there are no more."""
    page.locator(".lines-view .line").first.wait_for()
    older = page.locator(".lines-view").get_by_role("button", name="Show older")
    while older.is_visible():
        before = page.locator(".lines-view .line").count()
        older.click()
        page.wait_for_function(
            f"() => document.querySelectorAll('.lines-view .line').length > {before}"
            " || document.querySelector('.lines-view > div > .quiet').hidden"
        )
    return page.locator(".lines-view .line")


def test_an_anomaly_opens_its_log_among_its_neighbours(visit: Open, view: View) -> None:
    page = visit("?fold=no").page
    entry = page.locator(".anomaly").first
    identity = entry.get_attribute("data-log")
    entry.locator("button.text").click()
    page.locator(".log-view .line.current").wait_for()
    [log] = view(f"select * from scored_logs where log_entry_id = {identity}")
    assert page.locator(".log-view .message").text_content() == log["message"]
    assert page.locator(".log-view .why li").all_text_contents() == log["reasons"].split("\n")
    near = view(
        f"select log_entry_id from scored_logs where source = '{log['source']}'"
        " order by logged_at, log_entry_id"
    )
    identities = [str(row["log_entry_id"]) for row in near]
    here = identities.index(str(identity))
    shown = [line.get_attribute("data-log") for line in page.locator(".log-view .line").all()]
    assert shown == identities[max(0, here - 5) : here + 6]


@pytest.mark.parametrize(
    ("panel", "name", "column"),
    [
        ("severity", "critical", "severity"),
        ("severity", "medium", "severity"),
        ("levels", "FATAL", "predicted_level"),
    ],
)
def test_a_bar_opens_exactly_its_lines(
    visit: Open, view: View, panel: str, name: str, column: str
) -> None:
    page = visit().page
    row = page.locator(f"#{panel} tr[data-name={name}]")
    count = int(row.locator("td").first.text_content() or "")
    row.locator("button").click()
    assert all_lines(page).count() == count > 0
    [check] = view(
        f"select count(*) from scored_logs, stats_overview where {column} = '{name}'"
        " and date_trunc('hour', logged_at) > refreshed_at - interval '24 hours'"
    )
    assert check["count"] == count


def test_the_anomaly_card_opens_as_many_lines_as_it_counts(visit: Open) -> None:
    page = visit().page
    count = int(page.locator("[data-card=anomalies] .value").text_content() or "")
    page.click("[data-card=anomalies]")
    assert all_lines(page).count() == count


def test_a_cell_of_the_heat_map_opens_its_lines(visit: Open) -> None:
    page = visit().page
    cell = page.locator("#sources .cell.heat-6").first
    label = cell.get_attribute("aria-label") or ""
    cell.click()
    lines = all_lines(page)
    assert f": {lines.count()} anomalies of" in label
    assert set(lines.locator(".source").all_text_contents()) == {label.split(",")[0]}


def test_a_bar_of_the_chart_opens_its_hour(visit: Open) -> None:
    page = visit().page
    box = page.locator("#timeline .u-over").first.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.4, box["y"] + box["height"] - 10)
    page.locator(".lines-view .line").first.wait_for()
    lines = parse_qs(query(page)["lines"])
    since, until = lines["since"][0], lines["until"][0]
    assert since.endswith(":00:00.000Z") and until.endswith(":00:00.000Z") and since < until


def test_dragging_over_the_chart_zooms_and_the_address_says_so(visit: Open) -> None:
    page = visit().page
    box = page.locator("#timeline .u-over").first.bounding_box()
    assert box
    height = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.2, height)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.4, height, steps=8)
    page.mouse.up()
    page.get_by_role("button", name="End the zoom").wait_for()
    assert {"since", "until"} <= query(page).keys()
    assert "lines" not in query(page)
    page.get_by_role("button", name="End the zoom").click()
    assert query(page) == {}


def test_a_pattern_opens_all_of_its_lines(visit: Open) -> None:
    page = visit("?patterns=new").page
    row = page.locator("#patterns tbody tr").first
    count = int((row.locator("td.number").first.text_content() or "").replace(",", ""))
    row.locator("button").click()
    assert all_lines(page).count() == count


def test_a_pattern_shows_its_last_day_as_a_line(visit: Open, view: View) -> None:
    page = visit("?patterns=top").page
    row = page.locator("#patterns tbody tr").first
    [top] = view(
        "select max(hours.count_logs) as most from template_hours as hours"
        " where hours.hour_at > (select refreshed_at from stats_overview) - interval '24 hours'"
        " and hours.template_id = (select template_id from stats_templates"
        " order by count_logs desc, template_id desc limit 1)"
    )
    label = row.locator(".sparkline").get_attribute("aria-label") or ""
    assert label == f"Logs by hour of the last 24, at most {top['most']:,}"


@pytest.mark.parametrize(
    ("panel", "column", "chip"),
    [("#batches", "batch_id", "batch 11"), ("#models li", "model_id", "model 1")],
)
def test_a_batch_or_model_opens_the_lines_it_scored(
    visit: Open, view: View, panel: str, column: str, chip: str
) -> None:
    page = visit().page
    page.locator(f"{panel} button.text").first.click()
    page.locator(".lines-view .line").first.wait_for()
    assert page.get_by_role("button", name=f"Remove filter: {chip}").count() == 1
    identity = chip.split()[1]
    assert query(page)["lines"] == f"{column}={identity}"
    newest = view(
        f"select log_entry_id from scored_logs where {column} = {identity}"
        " order by logged_at desc, log_entry_id desc limit 20"
    )
    shown = page.locator(".lines-view .line").all()[:20]
    assert [line.get_attribute("data-log") for line in shown] == [
        str(row["log_entry_id"]) for row in newest
    ]


@pytest.mark.parametrize(
    ("entry", "lines"),
    [
        ("#alerts [data-alert='1'] button", {"template_id": "9007199254741005"}),
        ("#alerts [data-alert='3'] button", {"source": "sshd"}),
        ("#alerts [data-alert='4'] button", {"batch_id": "10"}),
        ("#batches .due-late, #batches .due-good", {"batch_id": "*"}),
        ("#models [data-drift=score] button", {"batch_id": "11"}),
        ("#outside button:has-text('logs')", {"source": "nginx", "since": "*", "until": "*"}),
        (
            "#outside button:has-text('anomalies')",
            {"source": "nginx", "since": "*", "until": "*", "anomaly": "true"},
        ),
    ],
)
def test_what_the_panels_tell_leads_to_its_lines(
    visit: Open, entry: str, lines: dict[str, str]
) -> None:
    page = visit().page
    page.locator(entry).first.click()
    page.locator("dialog[open] .lines-view").wait_for()
    asked = {key: values[0] for key, values in parse_qs(query(page)["lines"]).items()}
    assert asked == {key: asked.get(key) if value == "*" else value for key, value in lines.items()}


def test_an_hour_outside_the_forecast_opens_as_many_lines_as_it_counts(visit: Open) -> None:
    page = visit().page
    button = page.locator("#outside li button").first
    count = int((button.text_content() or "").split()[0])
    button.click()
    assert all_lines(page).count() == count > 0


def test_a_filter_of_the_lines_can_be_taken_away(visit: Open) -> None:
    page = visit("?lines=source%3Dredis%26level%3DERROR").page
    assert set(all_lines(page).locator(".level").all_text_contents()) == {"ERROR"}
    page.get_by_role("button", name="Remove filter: level ERROR").click()
    page.locator(".lines-view .level-INFO").first.wait_for()
    assert query(page)["lines"] == "source=redis"


def test_text_is_searched_for_in_the_messages(visit: Open) -> None:
    page = visit().page
    page.keyboard.press("/")
    page.keyboard.type("deadlock")
    page.keyboard.press("Enter")
    assert set(all_lines(page).locator(".source").all_text_contents()) == {"postgres"}


def test_a_source_narrows_every_panel_that_can_be(visit: Open) -> None:
    page = visit("?hours=336").page
    page.get_by_role("combobox", name="Source").select_option("redis")
    page.wait_for_function("() => document.querySelectorAll('#sources tbody tr').length === 1")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.anomaly .source')]"
        ".every(source => source.textContent === 'redis')"
    )
    assert query(page) == {"hours": "336", "source": "redis"}


def test_severity_narrows_to_that_and_worse(visit: Open) -> None:
    page = visit("?hours=336&fold=no").page
    page.get_by_role("button", name="high and up").click()
    page.wait_for_function("() => !document.querySelector('.anomaly.severity-medium')")
    assert page.locator(".anomaly").count() > 0


def test_an_address_brings_back_the_whole_view(visit: Open) -> None:
    page = visit("?hours=72&source=shop&patterns=top&zone=utc&lines=source%3Dshop").page
    for name in ("3 d", "Most frequent", "UTC"):
        assert page.locator("button[aria-pressed=true]", has_text=name).count() == 1
    assert page.get_by_label("Source", exact=True).input_value() == "shop"
    assert page.locator("dialog[open] .line").count() > 0


def test_the_back_button_goes_from_log_to_lines_to_page(visit: Open) -> None:
    page = visit("?lines=source%3Dsshd").page
    page.locator(".lines-view .line button").first.click()
    page.locator(".log-view .current").wait_for()
    page.go_back()
    page.locator(".lines-view .line").first.wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="hidden")
    assert query(page) == {}
