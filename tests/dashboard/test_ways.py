"""From what is drawn to the lines behind it, and back."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page

from tests.dashboard.conftest import Open, View
from tests.dashboard.test_numbers import is_young, number

pytestmark = pytest.mark.usefixtures("stocked")


def query(page: Page) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


LISTED = 200
"""Lines that are compared one by one; of more, their number."""


def lines_of(page: Page) -> list[str]:
    """The ids of the sheet's lines, the newest `LISTED` at least: pages are fetched as needed."""
    lines = page.locator(".lines-view .line")
    lines.first.wait_for()
    older = page.locator(".lines-view").get_by_role("button", name="Show older")
    while lines.count() < LISTED and older.is_visible():
        older.click()
        page.wait_for_function(
            "() => !document.querySelector('.lines-view > div > .quiet').disabled"
        )
    return [str(identity) for identity in lines.evaluate_all("all => all.map(e => e.dataset.log)")]


def lists(page: Page, view: View, where: str) -> int:
    """Assert that the sheet lists the logs where `where` holds; return how many there are."""
    found = f"from scored_logs, stats_overview where {where}"
    newest = view(
        f"select log_entry_id {found} order by logged_at desc, log_entry_id desc limit {LISTED}"
    )
    listed = lines_of(page)
    assert listed[:LISTED] == [str(row["log_entry_id"]) for row in newest]
    [counted] = view(f"select count(*) {found}")
    assert len(listed) == counted["count"] or len(listed) >= LISTED
    return int(counted["count"])


LAST_DAY = "date_trunc('hour', logged_at) > refreshed_at - interval '24 hours'"


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
    ("panel", "column"), [("severity", "severity"), ("levels", "predicted_level")]
)
def test_a_bar_opens_exactly_its_lines(visit: Open, view: View, panel: str, column: str) -> None:
    page = visit().page
    # The worst ones: the others work alike and have the most lines.
    for row in page.locator(f"#{panel} tbody tr").all()[:3]:
        count = number(row.locator("td").first.text_content())
        if count == 0:
            continue
        row.locator("button").first.click()
        name = row.get_attribute("data-name")
        assert lists(page, view, f"{column} = '{name}' and {LAST_DAY}") == count
        page.keyboard.press("Escape")


def test_the_anomaly_card_opens_as_many_lines_as_it_counts(visit: Open, view: View) -> None:
    page = visit().page
    count = number(page.locator("[data-card=anomalies] .value").text_content())
    page.click("[data-card=anomalies]")
    assert lists(page, view, f"is_anomaly and {LAST_DAY}") == count


def test_a_cell_of_the_heat_map_opens_its_lines(visit: Open, view: View) -> None:
    page = visit().page
    cell = page.locator("#sources .cell.heat-6").first
    told = re.fullmatch(
        r"(\S+), (.*): ([\d,]+) anomalies of .*", cell.get_attribute("aria-label") or ""
    )
    assert told
    cell.click()
    since, until = (parse_qs(query(page)["lines"])[name][0] for name in ("since", "until"))
    where = (
        f"is_anomaly and source = '{told[1]}' and logged_at >= '{since}' and logged_at < '{until}'"
    )
    assert lists(page, view, where) == number(told[3])


def hover(page: Page, share: float) -> str:
    """Put the mouse over the chart, `share` of its width from the left; return what it tells."""
    box = page.locator("#timeline .u-over").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] - 10)
    return page.locator("#timeline .readout").text_content() or ""


def test_a_bar_of_the_chart_opens_its_hour(visit: Open, view: View) -> None:
    page = visit().page
    told = (re.search(r": ([\d,]+) logs?, ", hover(page, at / 100)) for at in range(99, 0, -3))
    count = next(number(found[1]) for found in told if found and found[1] != "0")
    page.mouse.down()
    page.mouse.up()
    lines = parse_qs(query(page)["lines"])
    [since], [until] = lines["since"], lines["until"]
    assert since.endswith(":00:00.000Z")
    assert until.endswith(":00:00.000Z")
    assert lists(page, view, f"logged_at >= '{since}' and logged_at < '{until}'") == count


def test_an_expected_hour_tells_the_forecast_and_opens_the_same_hour_a_day_before(
    visit: Open, view: View
) -> None:
    page = visit("?hours=168").page
    hours = view(
        "select min(hour_at) as hour_at, sum(expected_logs) as logs,"
        " sqrt(sum((high_logs - expected_logs) ^ 2)) as deviation,"
        " extract(epoch from hour_at - date_trunc('hour', refreshed_at)) / 3600 as ahead"
        " from stats_forecast, stats_overview where source in"
        " (select source from stats_sources order by count_logs desc, source limit 40)"
        " group by hour_at, refreshed_at order by logs desc limit 1"
    )
    if not hours:  # The demo's logs are all of the hour now running, from its 55th minute on.
        assert is_young(view)
        assert "expected" not in hover(page, 167.5 / (168 + 24))
        return
    [hour] = hours
    # A week up to the end of this hour, and a day ahead.
    told = hover(page, (167 + float(hour["ahead"]) + 0.5) / (168 + 24))
    expected = re.search(r": expected ([\d,]+)–([\d,]+) logs", told)
    assert expected, told
    low, high = number(expected[1]), number(expected[2])
    assert abs(low - max(0, hour["logs"] - hour["deviation"])) <= 1
    assert abs(high - hour["logs"] - hour["deviation"]) <= 1
    page.mouse.down()
    page.mouse.up()
    lists(
        page,
        view,
        f"date_trunc('hour', logged_at) = '{hour['hour_at']}'::timestamptz - interval '1 day'",
    )


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


def test_a_pattern_opens_all_of_its_lines(visit: Open, view: View) -> None:
    page = visit("?patterns=new").page
    row = page.locator("#patterns tbody tr").first
    count = number(row.locator("td.number").first.text_content())
    row.locator("button").first.click()
    identity = parse_qs(query(page)["lines"])["template_id"][0]
    assert lists(page, view, f"template_id = {identity}") == count


def test_a_pattern_shows_its_last_day_and_opens_an_hour_of_it(visit: Open, view: View) -> None:
    page = visit("?patterns=top").page
    line = page.locator("#patterns tbody .pick").first
    hours = view(
        "select hour_at, count_logs, template_id from template_hours where"
        " hour_at > (select refreshed_at from stats_overview) - interval '24 hours'"
        " and template_id = (select template_id from stats_templates"
        " order by count_logs desc, template_id desc limit 1) order by hour_at desc"
    )
    most = max(hour["count_logs"] for hour in hours)
    heard = f"Logs by hour of the last 24, at most {most:,}"
    assert line.locator("svg").get_attribute("aria-label") == heard
    # By the keyboard, the last hour with logs.
    line.press("Enter")
    where = "template_id = {template_id} and date_trunc('hour', logged_at) = '{hour_at}'"
    assert lists(page, view, where.format(**hours[0])) == hours[0]["count_logs"]
    page.keyboard.press("Escape")
    # Far on the left, the first.
    line.click(position={"x": 1, "y": 5})
    assert lists(page, view, where.format(**hours[-1])) == hours[-1]["count_logs"]


def test_a_trace_tells_what_deviates_and_opens_its_lines(visit: Open, view: View) -> None:
    page = visit().page
    deviating = view(
        "select * from stats_traces where is_anomaly order by last_logged_at desc, trace_id limit 6"
    )
    shown = page.locator("#traces li[data-trace]")
    assert [entry.get_attribute("data-trace") for entry in shown.all()] == [
        trace["trace_id"] for trace in deviating
    ]
    if not deviating:
        assert page.locator("#traces .body").text_content()
        return
    reasons = shown.first.locator(".reasons li").all_text_contents()
    assert "\n".join(reasons) == deviating[0]["reasons"]
    shown.first.locator("button").click()
    where = f"trace_id = '{deviating[0]['trace_id']}'"
    assert lists(page, view, where) == deviating[0]["count_logs"]
    page.locator(".lines-view .line button").first.click()
    page.get_by_role("button", name="All of this trace").click()
    assert lists(page, view, where) == deviating[0]["count_logs"]


@pytest.mark.parametrize(
    ("panel", "column"), [("#batches", "batch_id"), ("#models li", "model_id")]
)
def test_a_batch_or_model_opens_the_lines_it_scored(
    visit: Open, view: View, panel: str, column: str
) -> None:
    page = visit().page
    page.locator(f"{panel} button.text").first.click()
    [identity] = parse_qs(query(page)["lines"])[column]
    chip = f"Remove filter: {column.removesuffix('_id')} {identity}"
    assert page.get_by_role("button", name=chip).count() == 1
    assert lists(page, view, f"{column} = {identity}") > 0


@pytest.mark.parametrize("stocked", ["seeded"], indirect=True)
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


@pytest.mark.parametrize("stocked", ["seeded"], indirect=True)
def test_an_hour_outside_the_forecast_opens_as_many_lines_as_it_counts(visit: Open) -> None:
    page = visit().page
    button = page.locator("#outside li button").first
    count = number((button.text_content() or "").split()[0])
    button.click()
    assert len(lines_of(page)) == count > 0


def test_a_filter_of_the_lines_can_be_taken_away(visit: Open, view: View) -> None:
    page = visit("?lines=source%3Dshop%26level%3DWARN").page
    assert lists(page, view, "source = 'shop' and predicted_level = 'WARN'") > 0
    page.get_by_role("button", name="Remove filter: level WARN").click()
    page.locator(".lines-view .level-INFO").first.wait_for()
    assert query(page)["lines"] == "source=shop"


def test_text_is_searched_for_in_the_messages(visit: Open, view: View) -> None:
    page = visit().page
    page.keyboard.press("/")
    page.keyboard.type("Upstream")
    page.keyboard.press("Enter")
    assert lists(page, view, "message ilike '%upstream%'") > 0


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
    page.wait_for_url(lambda url: urlsplit(url).query == "")
    assert page.locator("dialog").is_hidden()
