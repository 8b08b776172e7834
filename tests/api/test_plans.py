"""How the function's statements are planned: by index, however many predictions there are."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import history
from benchmarks.cases import statements
from benchmarks.plans import plans
from local import postgres
from sql import statements as files
from sql.database import Database, connect

DAYS, LOGS_A_DAY = 10, 8_000
FRAMES = {
    *("api.items", "api.rows", "api.object", "api.whole"),
    *("api_patterns.listed", "api_patterns.unmarked"),
}
TOO_LARGE = re.compile(r"Seq Scan on (ml_predictions\w*|log_entries)")


@pytest.fixture(scope="module")
def database(postgres_server: postgres.Server, migrated_template: str) -> Iterator[Database]:
    """Ten days of logs: a partition each, far too large to be read from end to end."""
    postgres_server.create_database("plans", migrated_template)
    connected = connect(postgres_server.url("plans"))
    history.fill(connected, DAYS, LOGS_A_DAY, with_logs=True)
    with connected.transaction():
        connected.execute("schema.refresh")
    yield connected
    connected.close()
    postgres_server.drop_database("plans")


def test_no_statement_reads_predictions_or_logs_from_end_to_end(database: Database) -> None:
    for what, (statement, values) in statements(database).items():
        told = "\n".join(plans(database, statement, values))
        assert "actual rows" in told, what
        assert not TOO_LARGE.search(told), f"{what}: {told}"


def test_a_statement_reads_the_partitions_of_its_time_alone(database: Database) -> None:
    known = statements(database)
    for what in ("analyze", "analyze by template", "log"):
        told = "\n".join(plans(database, *known[what]))
        read = set(re.findall(r"on ml_predictions_(\d{8})", told))
        assert 1 <= len(read) <= 2, told
        assert "Subplans Removed" not in told


def test_a_scan_of_everything_would_be_seen(database: Database) -> None:
    assert TOO_LARGE.search("\n".join(plans(database, "benchmarks.count_stored", {})))


def test_every_statement_of_the_function_is_among_them(database: Database) -> None:
    named = {
        f"{path.stem}.{block}"
        for path in Path(files.HERE, "queries").glob("api*.sql")
        for block in re.findall(r"^-- name: (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {statement for statement, _ in statements(database).values()} == named - FRAMES
