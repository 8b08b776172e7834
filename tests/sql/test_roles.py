"""Each role may do what is stated here and nothing else: tried on everything in the catalogue."""

from collections.abc import Iterator

import pytest

from local.postgres import Server
from sql.database import Database, connect
from sql.errors import NotPermitted
from sql.migrate import migrate
from sql.uninstall import uninstall

ROLES = ("logkiln_owner", "logkiln_batch", "logkiln_reader", "logkiln_writer", "stranger")

BATCH_MAY = {
    "alert_deliveries": "insert select update",
    "alert_messages": "insert select update",
    "alert_rules": "select",
    "log_entries": "",
    "log_source": "select",
    "log_templates": "insert select update",
    "logkiln_migrations": "",
    "ml_alerts": "insert select update",
    "ml_batches": "insert select update",
    "ml_decision_checks": "insert select",
    "ml_decisions": "insert select",
    "ml_feedback": "select",
    "ml_models": "insert select update",
    "ml_mutes": "insert select",
    "ml_predictions": "delete insert select",
    "ml_pruned": "select",
    "ml_schedule": "select",
    "prediction_daily": "",
    "prediction_hourly": "insert select update",
    "prediction_totals": "select",
    "shadow_daily": "insert select update",
    "shadow_feedback": "insert select update",
    "shadow_predictions": "delete insert select",
    "template_hourly": "insert select update",
    "template_levels": "insert select update",
    "trace_templates": "",
    "traces": "",
}
"""Table to what logkiln_batch may do to it; the other roles but the owner: nothing."""

CALLERS = {
    "declared_log_level": "batch",
    "ensure_partitions": "batch",
    "find_logs": "reader",
    "has_daily_partitions": "",
    "hour_with_logs": "",
    "is_muted": "batch",
    "is_quiet": "batch",
    "judge_traces": "",
    "last_batch": "batch reader",
    "latest_anomalies": "",
    "logs_around": "reader",
    "mute": "writer",
    "oldest_unscored": "batch reader",
    "record_judged_prediction": "",
    "refresh_alerts": "batch",
    "refresh_stats": "batch",
    "resee_templates": "",
    "revoke_feedback": "writer",
    "roll_up_traces": "",
    "scored_horizon": "batch",
    "settled_until": "batch",
    "shadow_figures": "batch",
    "source_hours": "batch",
    "submit_feedback": "writer",
    "subtract_predictions": "",
    "subtract_traces": "",
    "total_predictions": "",
    "unmute": "writer",
    "unscored_logs": "batch",
}
"""Function to the roles, but the owner, that may call it."""


@pytest.fixture
def stranger(database: Database) -> Iterator[None]:
    """A role that nobody granted anything."""
    with database.transaction():
        database.execute("tests.make_stranger")
    yield
    with database.transaction():
        database.execute("tests.drop_stranger")


def connected_as(role: str, url: str) -> Database:
    return connect(url.replace("postgres@", f"{role}@", 1))


def without_limits(role: str, url: str) -> Database:
    """Connect as somebody who lifts what stands on the role: rights are what is left."""
    return connected_as(role, f"{url}&options=-c%20default_transaction_read_only%3Doff")


def allowed(role: str, database: Database) -> dict[str, str]:
    """Return, by name, what `role` may do as stated above, in the form in which it is tried."""
    with database.transaction():
        relations = database.rows("tests.relations")
    tables = {row["name"] for row in relations if row["kind"] == "table"}
    assert tables == BATCH_MAY.keys(), "state here what each table grants to logkiln_batch"
    short = role.removeprefix("logkiln_")
    may = {f"{name}()": "call" for name, callers in CALLERS.items() if short in callers.split()}
    if short in ("batch", "reader"):
        may |= {row["name"]: "select" for row in relations if row["kind"] == "served"}
    if short == "batch":
        may |= {name: actions for name, actions in BATCH_MAY.items() if actions}
    return may


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_is_stated_and_nothing_else(
    role: str, database: Database, database_url: str, stranger: None
) -> None:
    with database.transaction():
        functions = {row["name"] for row in database.rows("tests.functions")}
        names = {row["name"] for row in database.rows("tests.relations")}
    assert functions == CALLERS.keys(), "state here who calls each function"
    somebody = without_limits(role, database_url)
    with somebody.transaction():
        somebody.execute("tests.try_everything")
        assert somebody.value("tests.count_tried") > 2 * len(names) + len(functions)
        tried = {row["name"]: row["actions"] for row in somebody.rows("tests.tried")}
    somebody.close()
    if role == "logkiln_owner":
        assert tried.keys() == names | {f"{name}()" for name in functions} | {"schema"}
    else:
        assert tried == allowed(role, database)


def test_limits_stand_on_the_roles(database: Database, database_url: str) -> None:
    limits = {}
    for role in ("logkiln_reader", "logkiln_writer", "logkiln_batch"):
        somebody = connected_as(role, database_url)
        with somebody.transaction():
            limits[role] = {r["name"]: r["setting"] for r in somebody.rows("tests.session_limits")}
        somebody.close()
    waits = {
        "statement_timeout": "5000ms",
        "lock_timeout": "2000ms",
        "idle_in_transaction_session_timeout": "30000ms",
    }
    assert limits == {
        "logkiln_reader": {**waits, "default_transaction_read_only": "on"},
        "logkiln_writer": waits,
        "logkiln_batch": {
            "statement_timeout": "3600000ms",
            "idle_in_transaction_session_timeout": "0ms",
        },
    }
    reader = connected_as("logkiln_reader", database_url)
    with pytest.raises(NotPermitted, match="read-only transaction"), reader.transaction():
        reader.execute("tests.write_anything")
    reader.close()


def test_functions_with_the_owners_rights_look_at_temporary_objects_last(
    database: Database,
) -> None:
    with database.transaction():
        functions = database.rows("tests.functions")
    definers = {row["name"]: row["settings"] for row in functions if row["is_definer"]}
    assert "mute" in definers
    for name, settings in definers.items():
        assert "search_path=public, pg_temp" in settings, name


def test_a_temporary_table_does_not_stand_in_for_ours(
    database: Database, database_url: str
) -> None:
    writer = connected_as("logkiln_writer", database_url)
    with writer.transaction():
        writer.execute("tests.shadow_tables")
        assert writer.value("tests.mute_nobody") is None
    writer.close()


def test_an_owner_of_a_database_needs_no_superuser_and_no_right_to_make_roles(
    bare_server: Server,
) -> None:
    bare_server.create_database("of_dev")
    admin, elsewhere = connect(bare_server.url("of_dev")), connect(bare_server.url())
    with admin.transaction():
        admin.execute("tests.make_owner")
    dev = connect(bare_server.url("of_dev", "dev"))
    assert "roles" not in migrate(dev)
    assert migrate(dev) == []
    with dev.transaction():
        assert dev.rows("tests.our_roles") == []
        dev.execute("schema.refresh")

    # An administrator makes them, here by an installation elsewhere.
    migrate(elsewhere)
    assert migrate(dev) == ["roles"]
    reader = connect(bare_server.url("of_dev", "logkiln_reader"))
    with reader.transaction():
        assert reader.row("schema.status")["count_predictions"] == 0
    reader.close()
    with dev.transaction():
        assert dev.rows("tests.owners") == [{"name": "dev"}]
    assert uninstall(dev, lambda _: True) is not None
    roles = uninstall(elsewhere, lambda _: True)
    assert roles is not None

    # Who may make roles hands all over to one of them, and goes on migrating as its member.
    with admin.transaction():
        assert admin.rows("tests.our_roles") == []
        admin.execute("tests.let_make_roles")
    assert migrate(dev)[-1] == "roles"
    assert migrate(dev) == []
    with dev.transaction():
        assert dev.rows("tests.owners") == [{"name": "logkiln_owner"}]
    roles = uninstall(dev, lambda _: True)
    assert roles is not None
    assert all(line.endswith(": dropped") for line in roles), roles
    for connected in (dev, admin, elsewhere):
        connected.close()
