"""What the rules find: each thing once, what is muted not at all, everything within bounds."""

import pytest

from sql.database import Database
from sql.errors import DatabaseError
from tests.alerts.conftest import (
    Health,
    add_log,
    add_rule,
    ago,
    batch,
    begin,
    chunk,
    end,
    many,
    rows,
    run,
    told,
)


def test_severe_anomalies_are_told_and_others_are_not(database: Database) -> None:
    batch(
        database,
        {"template_id": 1, "severity": "high", "level": "INFO"},
        {"template_id": 2, "severity": "medium", "level": "INFO"},
        {"template_id": 3, "severity": "critical", "is_anomaly": False, "level": "INFO"},
    )
    assert [(row["template_id"], row["rule"]) for row in told(database)] == [
        (1, "severe anomalies")
    ]


def test_a_template_is_told_once_a_day_whatever_tells_it(database: Database) -> None:
    add_rule(database, name="again", kind="occurrence")
    batch(database, {"template_id": 1}, {"template_id": 1, "severity": "critical"})
    batch(database, {"template_id": 1})
    assert [row["rule"] for row in told(database)] == ["severe anomalies"]
    batch(database, {"template_id": 1, "at": ago(48)})
    assert len(told(database)) == 2


def test_a_rule_for_one_channel_tells_it_besides(database: Database) -> None:
    add_rule(database, name="mailed", kind="occurrence", channel="mail", source="app")
    batch(database, {"template_id": 1}, {"template_id": 2, "source": "other", "severity": "low"})
    assert {row["rule"] for row in told(database)} == {"severe anomalies", "mailed"}


def test_a_template_can_be_watched_without_being_anomalous(database: Database) -> None:
    run(database, "tests.disable_rules")
    add_rule(database, name="watched", kind="occurrence", template_id=-7)
    quiet = {"severity": "low", "is_anomaly": False, "level": "INFO", "reasons": ""}
    batch(database, {"template_id": -7, **quiet}, {"template_id": 8, **quiet})
    assert [row["template_id"] for row in told(database)] == [-7]


def test_a_new_error_is_told_once_its_source_is_known_for_a_day(database: Database) -> None:
    mild = {"severity": "low", "is_anomaly": False}
    batch(database, {"template_id": 1, **mild}, {"template_id": 2, "at": ago(48), **mild})
    told_first = [(row["template_id"], row["rule"]) for row in told(database)]
    assert told_first == [(1, "new errors")]
    batch(database, {"template_id": 1, **mild}, {"template_id": 3, "level": "INFO", **mild})
    # A log of a wrong clock makes no source a known one.
    newcomer = {"source": "newcomer", **mild}
    batch(
        database,
        {"template_id": 4, **newcomer},
        {"template_id": 6, "at": "1970-01-01Z", **newcomer},
    )
    batch(database, {"template_id": 7, **newcomer})
    assert len(told(database)) == 1
    batch(database, {"template_id": 5, **mild}, {"template_id": 5, "count_logs": 9, **mild})
    found = told(database)[1:]
    assert [row["template_id"] for row in found] == [5]
    assert "a new pattern of app" in found[0]["reasons"]


@pytest.mark.parametrize(
    "mute", [{"source": "app"}, {"template": 1}, {"source": "app", "template": 1}]
)
def test_what_is_muted_is_not_told_until_the_mute_is_over(
    database: Database, mute: dict[str, object]
) -> None:
    given = {"source": None, "template_id": mute.get("template"), **mute}
    given.pop("template", None)
    run(database, "alert_rules.mute", seconds=3600, reason=None, **given)
    batch(database, {"template_id": 1})
    assert told(database) == []
    batch(database, {"template_id": 2, "source": "other"})
    assert [row["template_id"] for row in told(database)] == [2]
    run(database, "tests.revoke_mutes")
    batch(database, {"template_id": 1})
    assert [row["template_id"] for row in told(database)] == [2, 1]


def test_a_rule_that_matches_everything_is_bounded_and_starves_no_other(database: Database) -> None:
    add_rule(database, name="everything", kind="occurrence")
    batch_id = begin(database)
    noise = {"severity": "low", "is_anomaly": False, "level": "INFO", "reasons": ""}
    chunk(database, batch_id, *many(700, **noise))
    chunk(database, batch_id, *many(800, **noise), {"template_id": 9000, "severity": "critical"})
    end(database, batch_id)
    found = told(database)
    assert len(found) == 101
    assert [row["rule"] for row in found].count("severe anomalies") == 1
    # The second chunk's 700 first templates were not told, and are left out again.
    assert rows(database, "tests.left_out") == [{"count_left_out": 600 + 700}]


def test_a_disabled_rule_finds_nothing(database: Database) -> None:
    run(database, "tests.disable_rules")
    batch(database, {"template_id": 1, "severity": "critical"})
    assert told(database) == []


@pytest.mark.parametrize(
    "columns",
    [
        {"kind": "nonsense"},
        {"kind": "surge"},
        {"kind": "anomaly", "channel": "pager"},
        {"kind": "anomaly", "quiet_from": "22:00"},
        {"kind": "anomaly", "quiet_from": "22:00", "quiet_until": "22:00"},
        {"kind": "anomaly", "time_zone": "Mars/Olympus"},
        {"kind": "anomaly", "most_per_hour": 0},
        {"kind": "anomaly", "severity": "huge"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    database: Database, columns: dict[str, object]
) -> None:
    with pytest.raises(DatabaseError):
        add_rule(database, name="wrong", **columns)


def test_a_surge_is_told_at_the_end_of_the_batch(database: Database) -> None:
    batch_id = begin(database)
    quiet = {"severity": "low", "is_anomaly": False, "level": "WARN", "at": ago(60)}
    chunk(database, batch_id, {"template_id": 1, **quiet}, {"template_id": 2, **quiet})
    for template_id, recent in ((1, 500), (2, 15)):
        run(database, "tests.add_hours", template_id=template_id, count_logs=2, hours=20, until=2)
        run(
            database,
            "tests.add_hours",
            template_id=template_id,
            count_logs=recent,
            hours=1,
            until=0,
        )
    assert end(database, batch_id) == 1
    (alert,) = told(database)
    assert (alert["template_id"], alert["rule"], alert["count_logs"]) == (1, "surges", 500)
    assert rows(database, "tests.shown_alerts") == [{"count_alerts": 1}]
    assert end(database, batch_id) == 0


def test_a_source_that_went_silent_is_told_once(database: Database) -> None:
    batch_id = begin(database)
    mild = {"severity": "low", "is_anomaly": False, "level": "INFO"}
    for source, hours in (("steady", 10), ("talking", 0)):
        chunk(
            database, batch_id, {"template_id": hours, "source": source, "at": ago(hours), **mild}
        )
        run(
            database,
            "tests.add_source_hours",
            source=source,
            count_logs=3,
            hours=40,
            until=max(hours, 1),
        )
    assert end(database, batch_id) == 1
    (alert,) = told(database)
    assert (alert["source"], alert["rule"]) == ("steady", "silence")
    assert alert["reasons"].startswith("silent for 10.0 hours")
    assert end(database, batch_id) == 0


def test_a_pattern_that_went_silent_is_told_where_a_rule_names_it(database: Database) -> None:
    add_rule(database, name="backup", kind="silence", template_id=5, threshold=3)
    batch_id = begin(database)
    mild = {"severity": "low", "is_anomaly": False, "level": "INFO"}
    for template_id in (5, 6):
        chunk(
            database,
            batch_id,
            {"template_id": template_id, "at": ago(60), "count_logs": 3, **mild},
            {"template_id": template_id, "at": ago(20), "count_logs": 37, "id": 42, **mild},
        )
        run(database, "tests.add_hours", template_id=template_id, count_logs=1, hours=40, until=21)
    assert end(database, batch_id) == 1
    (alert,) = told(database)
    assert (alert["rule"], alert["template_id"]) == ("backup", 5)
    assert alert["reasons"].startswith("silent for 20.0 hours")
    assert alert["example_log_entry_id"] == 42


def test_surges_of_everything_are_bounded_and_those_beyond_are_counted(database: Database) -> None:
    batch_id = begin(database)
    mild = {"severity": "low", "is_anomaly": False, "level": "WARN", "at": ago(60)}
    chunk(database, batch_id, *many(130, **mild))
    for hours, until, each in ((20, 2, 1), (1, 0, 500)):
        run(database, "tests.add_hours_to_all", count_logs=each, hours=hours, until=until)
    assert end(database, batch_id) == 100
    assert rows(database, "tests.left_out") == [{"count_left_out": 30}]


def test_logs_that_the_batch_did_not_cover_are_told(database: Database) -> None:
    batch_id = begin(database)
    run(
        database,
        "tests.change_batch",
        batch_id=batch_id,
        histogram=None,
        count_logs=100,
        count_set_aside=6,
    )
    assert end(database, batch_id) == 1
    (alert,) = told(database)
    assert (alert["source"], alert["rule"], alert["count_logs"]) == ("logkiln", "coverage", 6)


def test_drift_is_told_of_many_logs_and_not_of_few(database: Database) -> None:
    for count, expected in ((900, 0), (2000, 1)):
        batch_id = begin(database)
        run(
            database,
            "tests.change_batch",
            batch_id=batch_id,
            histogram=[0] * 9 + [count],
            count_logs=count,
            count_set_aside=None,
        )
        assert end(database, batch_id) == expected
    assert [row["rule"] for row in told(database)] == ["drift"]


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        ("2026-01-05 23:30Z", "UTC", True),
        ("2026-01-05 05:59Z", "UTC", True),
        ("2026-01-05 06:00Z", "UTC", False),
        ("2026-01-05 21:30Z", "Europe/Berlin", True),
        ("2026-07-05 19:59Z", "Europe/Berlin", False),
        ("2026-07-05 20:00Z", "Europe/Berlin", True),
    ],
)
def test_quiet_hours_go_past_midnight_and_know_zones(
    database: Database, at: str, zone: str, expected: bool
) -> None:
    with database.transaction():
        found = database.value(
            "tests.quiet", quiet_from="22:00", quiet_until="06:00", time_zone=zone, at=at
        )
    assert found is expected


@pytest.mark.parametrize(
    ("every", "due_minutes_ago", "arrived_hours_ago", "late"),
    [
        (6, 120, 3, 120),
        (6, 10, 19, 1090),  # Three runs never came; the log waited through all of them.
        (1, 10, 5.5, 310),
        (6, 10, 3, 0),  # Within what the schedule tolerates.
        (6, 120, 1, 0),  # It came after the latest due time.
    ],
)
def test_lateness_is_told_by_health_while_no_batch_runs_and_by_the_next_batch_afterwards(
    database: Database, health: Health, every: int, due_minutes_ago: int, arrived_hours_ago: float,
    late: int,
) -> None:  # fmt: skip
    batch(database)
    assert (told(database), health()) == ([], "ok")
    run(database, "tests.shift_batches", hours=20)
    run(database, "tests.schedule_due", every=every, minutes=due_minutes_ago)
    add_log(database, "hello", ingested_at=ago(arrived_hours_ago))
    assert health() == ("late" if late else "ok")
    batch(database)
    found = [(row["rule"], row["reasons"]) for row in told(database)]
    if not late:
        assert found == []
        return
    ((rule, reasons),) = [each for each in found if each[0] != "coverage"]
    assert rule == "late batches"
    assert f"and began {late} minutes later, while logs waited" in reasons


def test_a_first_batch_is_not_late(database: Database) -> None:
    run(database, "tests.schedule_due", every=6, minutes=120)
    add_log(database, "hello", ingested_at=ago(3))
    batch(database)
    assert "late batches" not in [row["rule"] for row in told(database)]
