"""What is drawn equals what the views say."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from api import _connections
from tests.dashboard.conftest import TOKENS, Open, View, visiting

pytestmark = pytest.mark.usefixtures("seeded")


@pytest.fixture(scope="module")
def page(seeded: str, browser: Browser, site: str) -> Iterator[Page]:
    """The page as it opens, once for all tests that only read what stands on it."""
    with pytest.MonkeyPatch.context() as environment, visiting(browser, site) as visit:
        environment.setenv("DATABASE_URL", seeded)
        environment.setenv("API_TOKEN", TOKENS)
        yield visit().page
    _connections.forget()


def number(text: str | None) -> int:
    return int((text or "").replace(",", ""))


@pytest.mark.parametrize(
    ("card", "column"),
    [
        ("logs", "count_predictions_24h"),
        ("anomalies", "count_anomalies_24h"),
        ("new-templates", "count_new_templates_24h"),
        ("sources", "count_sources"),
    ],
)
def test_cards_equal_the_overview(page: Page, view: View, card: str, column: str) -> None:
    [overview] = view("select * from stats_overview")
    shown = page.locator(f"[data-card={card}] .value").text_content()
    assert number(shown) == overview[column] > 0


def test_the_freshness_card_tells_the_age_of_the_last_batch(visit: Open, view: View) -> None:
    age = (
        "select round(extract(epoch from now() - last_batch_finished_at) / 60) as minutes"
        " from stats_overview"
    )
    [before] = view(age)
    shown = visit().page.locator("[data-card=freshness] .value").text_content() or ""
    [after] = view(age)
    assert shown.endswith(" min")
    assert before["minutes"] <= int(shown.split()[0]) <= after["minutes"]


def test_the_coverage_card_counts_what_waits(page: Page, view: View) -> None:
    [overview] = view("select * from stats_overview")
    assert overview["count_unscored"] > 0
    card = page.locator("[data-card=coverage]")
    assert f"{overview['count_unscored']} logs wait" in (card.text_content() or "")


@pytest.mark.parametrize(
    ("panel", "name"), [("severity", "severity"), ("levels", "predicted_level")]
)
def test_bars_equal_their_view(page: Page, view: View, panel: str, name: str) -> None:
    rows = page.locator(f"#{panel} tbody tr")
    shown = {
        str(row.get_attribute("data-name")): [
            number(text) for text in row.locator("td").all_text_contents()
        ]
        for row in rows.all()
    }
    expected = {
        row[name]: [row["count_logs_24h"], row["count_logs"]]
        for row in view(f"select * from stats_{panel}")
    }
    assert shown == expected


def test_the_table_of_hours_equals_the_hourly_view(visit: Open, view: View) -> None:
    page = visit("?hours=72").page
    page.click("#timeline summary")
    page.locator("#timeline tbody tr").first.wait_for()
    rows = [
        [number(text) for text in row.locator("td").all_text_contents()]
        for row in page.locator("#timeline tbody tr").all()
    ]
    sums = view(
        "select sum(count_logs) as logs, sum(count_errors) as errors,"
        " sum(count_warnings) as warnings, sum(count_anomalies) as anomalies from stats_hourly"
        " where hour_at > date_trunc('hour', (select refreshed_at from stats_overview))"
        " - interval '72 hours'"
    )
    assert len(rows) == 72
    assert [sum(column) for column in zip(*rows, strict=True)] == list(sums[0].values())


def test_the_heat_map_counts_each_source(page: Page, view: View) -> None:
    for row in view("select * from stats_sources"):
        totals = page.locator(
            f"#sources tr[data-source='{row['source']}'] .total"
        ).all_text_contents()
        assert totals[1:] == [str(row["count_anomalies_24h"]), str(row["count_templates"])]


def test_anomalies_are_listed_newest_first_with_their_reasons(visit: Open, view: View) -> None:
    listed = visit("?hours=336&fold=no").page.locator(".anomaly")
    expected = view(
        "select * from stats_anomalies order by logged_at desc, log_entry_id desc limit 40"
    )
    shown = [
        (entry.get_attribute("data-log"), entry.locator(".reasons li").all_text_contents())
        for entry in listed.all()
    ]
    assert shown == [(str(row["log_entry_id"]), row["reasons"].split("\n")) for row in expected]


def test_folded_anomalies_add_up_to_all_of_them(visit: Open, view: View) -> None:
    page = visit("?hours=336").page
    while (button := page.locator("#anomalies .body > .quiet")).is_visible():
        button.click()
    folded = 0
    for entry in page.locator(".anomaly").all():
        more = entry.get_by_text("like it").all_text_contents()
        folded += 1 + sum(int(text.split()[0]) for text in more)
    [all_of_them] = view("select count(*) from stats_anomalies")
    assert folded == all_of_them["count"]
    assert page.locator(".anomaly").count() < folded


def test_patterns_show_their_counts(visit: Open, view: View) -> None:
    page = visit("?patterns=top").page
    shown = [
        [number(text) for text in row.locator("td.number").all_text_contents()[:2]]
        for row in page.locator("#patterns tbody tr").all()
    ]
    expected = view(
        "select count_logs, count_anomalies from stats_templates"
        " order by count_logs desc, template_id desc limit 12"
    )
    assert shown == [[row["count_logs"], row["count_anomalies"]] for row in expected]


def test_mislabelled_levels_name_both_levels(page: Page, view: View) -> None:
    shown = page.locator("#mislabelled .levels").all_text_contents()
    expected = view("select * from stats_mislabelled order by count_logs desc, template_id limit 6")
    assert shown == [f"{row['declared_level']} → {row['predicted_level']}" for row in expected]


def test_models_and_their_drift_are_told(page: Page, view: View) -> None:
    [drift] = view("select score_psi from stats_drift order by batch_id desc limit 1")
    assert page.locator("[data-drift=score]").text_content() == f"none {drift['score_psi']:.3f}"
    versions = [row["version"] for row in view("select * from stats_models order by role")]
    assert page.locator("#models code").all_text_contents() == versions


def test_batches_tell_which_began_late(page: Page, view: View) -> None:
    batches = view(
        "select batch_id, is_late from stats_batches left join stats_schedule using (batch_id)"
        " order by batch_id desc limit 8"
    )
    rows = page.locator("[data-batch]").all()
    assert [row.get_attribute("data-batch") for row in rows] == [
        str(batch["batch_id"]) for batch in batches
    ]
    # The seed's batches come in two rhythms, three hours apart: the schedule fits one at most.
    late = [bool(batch["is_late"]) for batch in batches]
    assert [row.locator("td.warn").count() == 1 for row in rows] == late
    assert any(late)


def test_every_due_time_has_a_mark(page: Page, view: View) -> None:
    schedule = view("select batch_id, is_late from stats_schedule order by due_at limit 28")
    moods = [
        "none" if row["batch_id"] is None else "late" if row["is_late"] else "good"
        for row in schedule
    ]
    shown = page.locator("#batches .due").evaluate_all("all => all.map(each => each.className)")
    assert shown == [f"due due-{mood}" for mood in moods]
    [fresh] = view("select is_late from freshness")
    assert page.locator("#batches [data-due]").get_attribute("data-due") == (
        "late" if fresh["is_late"] else "next"
    )


def test_hours_outside_the_forecast_are_those_of_the_view(page: Page, view: View) -> None:
    outside = view(
        "select source, count_logs, count_anomalies, is_volume_outside, is_anomalies_outside"
        " from stats_outside_forecast order by hour_at desc, source"
    )
    told = [
        (row["source"], f"{row['count_logs']} logs" * row["is_volume_outside"]) for row in outside
    ]
    assert any(row["is_anomalies_outside"] for row in outside)
    entries = page.locator("#outside li").all()
    assert len(entries) == min(len(told), 6)
    for entry, (source, logs) in zip(entries, told, strict=False):
        assert source in (entry.locator(".source").text_content() or "")
        assert logs in (entry.text_content() or "")


def test_alerts_tell_what_became_of_them(page: Page, view: View) -> None:
    alerts = view(
        "select alert_id, delivered_at, count_attempts from stats_alerts"
        " order by batch_id desc, severity desc, count_logs desc"
    )
    entries = page.locator("#alerts [data-alert]").all()
    assert [entry.get_attribute("data-alert") for entry in entries] == [
        str(alert["alert_id"]) for alert in alerts
    ]
    outcomes = [entry.locator(".outcome").text_content() or "" for entry in entries]
    for alert, outcome in zip(alerts, outcomes, strict=True):
        if alert["delivered_at"]:
            assert outcome.startswith("told ")
        else:
            refused = "refused by every channel so far"
            assert outcome == (refused if alert["count_attempts"] else "held back")
    assert page.locator("#alerts [data-outcomes]").text_content() == (
        "1 told, 1 held back, 2 refused by every channel so far."
    )
