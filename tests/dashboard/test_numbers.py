"""What is drawn equals what the views say."""

import pytest

from tests.dashboard.conftest import Open, View

pytestmark = pytest.mark.usefixtures("seeded")


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
def test_cards_equal_the_overview(visit: Open, view: View, card: str, column: str) -> None:
    [overview] = view("select * from stats_overview")
    shown = visit().page.locator(f"[data-card={card}] .value").text_content()
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


def test_the_coverage_card_counts_what_waits(visit: Open, view: View) -> None:
    [overview] = view("select * from stats_overview")
    assert overview["count_unscored"] > 0
    card = visit().page.locator("[data-card=coverage]")
    assert f"{overview['count_unscored']} logs wait" in (card.text_content() or "")


@pytest.mark.parametrize(
    ("panel", "name"), [("severity", "severity"), ("levels", "predicted_level")]
)
def test_bars_equal_their_view(visit: Open, view: View, panel: str, name: str) -> None:
    rows = visit().page.locator(f"#{panel} tbody tr")
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


def test_the_heat_map_counts_each_source(visit: Open, view: View) -> None:
    page = visit().page
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


def test_mislabelled_levels_name_both_levels(visit: Open, view: View) -> None:
    shown = visit().page.locator("#mislabelled .levels").all_text_contents()
    expected = view("select * from stats_mislabelled order by count_logs desc, template_id limit 6")
    assert shown == [f"{row['declared_level']} → {row['predicted_level']}" for row in expected]


def test_models_and_their_drift_are_told(visit: Open, view: View) -> None:
    page = visit().page
    [drift] = view("select score_psi from stats_drift order by batch_id desc limit 1")
    assert page.locator("[data-drift=score]").text_content() == f"none {drift['score_psi']:.3f}"
    versions = [row["version"] for row in view("select * from stats_models order by role")]
    assert page.locator("#models code").all_text_contents() == versions


def test_batches_tell_the_late_one(visit: Open, view: View) -> None:
    page = visit().page
    latest = view("select batch_id from stats_batches order by batch_id desc limit 8")
    shown = [row.get_attribute("data-batch") for row in page.locator("[data-batch]").all()]
    assert shown == [str(row["batch_id"]) for row in latest]
    # Two of the seed's batches came nine hours after the one before, all others six.
    assert page.locator("[data-batch] .warn").all_text_contents() == ["9 h", "9 h"]
