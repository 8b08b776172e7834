"""What is drawn equals what the views say."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from api import _connections
from tests.dashboard.conftest import TOKENS, Open, View, visiting

pytestmark = pytest.mark.usefixtures("stocked")


@pytest.fixture(scope="module")
def page(stocked: str, window: BrowserContext, site: str) -> Iterator[Page]:
    """The page as it opens, once for all tests that only read what stands on it."""
    with pytest.MonkeyPatch.context() as environment, visiting(window, site) as visit:
        environment.setenv("DATABASE_URL", stocked)
        environment.setenv("API_TOKEN", TOKENS)
        yield visit().page
    _connections.forget()


def number(text: str | None) -> int:
    return int((text or "").replace(",", ""))


def seconds(span: str) -> float:
    """What a span of time such as "12 min" stands for."""
    value, unit = span.split()
    return float(value) * {"ms": 0.001, "s": 1, "min": 60, "h": 3600}[unit]


def unfold(page: Page, panel: str) -> None:
    """Show all entries of a panel, if some are folded away."""
    more = page.locator(f"#{panel} .body button.quiet")
    if more.is_visible():
        more.click()


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
    age = "select extract(epoch from now() - last_batch_finished_at) as age from stats_overview"
    [before] = view(age)
    shown = visit().page.locator("[data-card=freshness] .value").text_content() or ""
    [after] = view(age)
    # Minutes are rounded.
    rounding = 31 if shown.endswith(" min") else 1
    assert before["age"] - rounding <= seconds(shown) <= after["age"] + rounding


def test_the_coverage_card_counts_what_waits(page: Page, view: View) -> None:
    [overview] = view("select * from stats_overview")
    waiting = overview["count_unscored"]
    card = page.locator("[data-card=coverage]")
    assert (f"{waiting} logs wait" if waiting else "no log waits") in (card.text_content() or "")


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
        for row in page.locator("#timeline tbody tr:not(.expected)").all()
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
    unfold(page, "sources")
    shown = {
        str(row.get_attribute("data-source")): [
            number(total.get_attribute("title")) for total in row.locator(".total").all()
        ]
        for row in page.locator("#sources tbody tr").all()
    }
    assert shown == {
        row["source"]: [row["count_logs_24h"], row["count_anomalies_24h"], row["count_templates"]]
        for row in view("select * from stats_sources")
    }


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


def test_folded_anomalies_are_all_there_are_the_worst_first(visit: Open, view: View) -> None:
    page = visit("?hours=336").page
    more = page.locator("#anomalies .body > .quiet")
    while more.is_visible():
        more.click()
        page.wait_for_function(
            "() => !document.querySelector('#anomalies .body > .quiet').disabled"
        )
    shown: Counter[str] = Counter()
    order = []
    for entry in page.locator(".anomaly").all():
        alike = entry.get_by_text("like it").all_text_contents()
        severity = entry.locator(".badge").text_content() or ""
        order.append(severity)
        shown[severity] += 1 + sum(number(text.split()[0]) for text in alike)
    there_are = view(
        "select severity, count(*) from ml_predictions where is_anomaly"
        " group by severity order by severity desc"
    )
    assert shown == {row["severity"]: row["count"] for row in there_are}
    assert list(dict.fromkeys(order)) == [row["severity"] for row in there_are]
    assert len(order) < shown.total()


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
    assert shown


def test_models_and_their_drift_are_told(page: Page, view: View) -> None:
    [drift] = view("select score_psi from stats_drift order by batch_id desc limit 1")
    word = "none" if drift["score_psi"] < 0.1 else "some" if drift["score_psi"] < 0.25 else "much"
    told = page.locator("[data-drift=score]").text_content() or ""
    assert told.startswith(word)
    assert told.endswith(f"{drift['score_psi']:.3f}")
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
    assert any(late) or len(batches) == 1


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


def is_young(view: View) -> bool:
    """Whether there are too few days of logs to expect anything of an hour, as in the demo."""
    [first] = view("select first_logged_at > now() - interval '1 day' as young from stats_overview")
    return bool(first["young"])


def test_hours_outside_the_forecast_are_those_of_the_view(page: Page, view: View) -> None:
    outside = view(
        "select source, count_logs, count_anomalies, is_volume_outside, is_anomalies_outside"
        " from stats_outside_forecast order by hour_at desc, source"
    )
    told = [
        (row["source"], f"{row['count_logs']} logs" * row["is_volume_outside"]) for row in outside
    ]
    assert any(row["is_anomalies_outside"] for row in outside) or is_young(view)
    entries = page.locator("#outside li").all()
    assert len(entries) == min(len(told), 6)
    for entry, (source, logs) in zip(entries, told, strict=False):
        assert source in (entry.locator(".source").text_content() or "")
        assert logs in (entry.text_content() or "")


def test_alerts_tell_what_became_of_them(page: Page, view: View) -> None:
    alerts = view(
        "select alert_id, delivered_at, count_attempts from stats_alerts"
        " order by batch_id desc, severity desc, count_logs desc, alert_id desc"
    )
    unfold(page, "alerts")
    entries = page.locator("#alerts [data-alert]").all()
    assert [entry.get_attribute("data-alert") for entry in entries] == [
        str(alert["alert_id"]) for alert in alerts
    ]
    refused, held = "refused by every channel so far", "held back"
    expected = [
        "told" if row["delivered_at"] else refused if row["count_attempts"] else held
        for row in alerts
    ]
    shown = [entry.locator(".outcome").text_content() or "" for entry in entries]
    assert [re.sub("^told .*", "told", outcome) for outcome in shown] == expected
    summary = page.locator("#alerts [data-outcomes]").text_content() or ""
    for outcome, count in Counter(expected).items():
        assert f"{count} {outcome}" in summary
    [left] = view(
        "select sum(count_alerts_left_out) as out from stats_batches"
        " where batch_id >= (select min(batch_id) from stats_alerts)"
    )
    note = page.locator("#alerts [data-left-out]").all_text_contents()
    assert [text.split()[0] for text in note] == ([str(left["out"])] if left["out"] else [])
