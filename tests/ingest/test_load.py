"""Files become rows, each file wholly or not at all."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ingest import writer
from ingest.clean import NOTE_NUL
from ingest.errors import BadOption
from ingest.lines import NOTE_UTF8
from ingest.load import load
from ingest.times import time_zone
from sql.database import Database, connect
from sql.errors import NotInstalled, Unreachable
from tests.ingest.samples import SAMPLES

PYTHON = "2026-11-24 10:00:00,123 INFO app.a: ok\n"


def rows_of(database: Database) -> list[dict[str, Any]]:
    with database.transaction():
        return database.rows("ingest.entries")


def quietly(_text: str) -> None:
    """Say nothing."""


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make a file of some kilobytes take several COPY commands."""
    monkeypatch.setattr(writer, "CHUNK_BYTES", 1000)
    yield


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_of_every_format_come_back_from_the_table(
    name: str, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / f"{name}.log"
    path.write_text("\n".join(line for line, _ in SAMPLES[name]), encoding="utf-8")
    loaded = load(database, [path], say=quietly)
    rows = rows_of(database)
    assert loaded.count_entries == len(rows) == len(SAMPLES[name])
    assert loaded.by_format == {name: len(rows)}
    assert loaded.count_unparsed == 0
    for row, (_, expected) in zip(rows, SAMPLES[name], strict=True):
        if expected.get("at"):
            assert row["logged_at"] == datetime.fromisoformat(expected["at"])
        for field in {"message", "host", "level", "trace_id"} & set(expected):
            assert row[field] == expected[field]
        for key, value in expected.get("attributes", {}).items():
            assert row["attributes"][key] == value
        if "source" in expected:
            assert row["source"] == (expected["source"] or name)


def test_hostile_text_comes_back_harmless_and_noted(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    lines = [
        b"<script>alert(1)</script>\x00",
        b"'; drop table log_entries; --",
        b"\x1b[31mred\x1b[0m \\N \\. \ttab",
        b"caf\xe9",
        b"x" * 5_000_000,
    ]
    path.write_bytes(b"".join(b"2026-11-24 10:00:00,123 INFO app.a: %b\n" % line for line in lines))
    load(database, [path], say=quietly)
    rows = rows_of(database)
    assert [row["message"] for row in rows] == [
        "<script>alert(1)</script>\ufffd",
        "'; drop table log_entries; --",
        "\x1b[31mred\x1b[0m \\N \\. \ttab",
        "caf\ufffd",
        "x" * 5_000_000,
    ]
    assert rows[0]["attributes"]["ingest_notes"] == [NOTE_NUL]
    assert rows[3]["attributes"]["ingest_notes"] == [NOTE_UTF8]


def test_json_that_jsonb_cannot_hold_is_altered_and_loaded(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "app.log"
    path.write_text(
        '{"msg":"a\\u0000b","k":"\\ud800","n":1e999,"big":1e308,"d":' + "[" * 63 + "]" * 63 + "}\n"
        '{"msg":"' + "é" * 2_000_000 + '","service":"' + "s" * 10_000 + '","trace_id":"\\u0000"}\n'
    )
    assert load(database, [path], say=quietly).count_unparsed == 0
    first, second = rows_of(database)
    assert first["message"] == "a\ufffdb"
    assert first["attributes"]["k"] == "\ufffd"
    assert first["attributes"]["n"] == "inf"
    assert len(second["message"]) == 2_000_000
    assert second["attributes"]["whole_source"] == "s" * 10_000


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1900-01-01T00:00:00+00:17"]
)
def test_the_first_and_last_times_there_are_fit_the_table(
    text: str, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "app.log"
    path.write_text(f'{{"time":"{text}","msg":"x"}}\n')
    loaded = load(database, [path], say=quietly)
    assert (loaded.count_entries, loaded.failures) == (1, {})


def test_naive_times_are_of_the_zone_that_is_told(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(PYTHON)
    load(database, [path], zone=time_zone("America/New_York"), say=quietly)
    (row,) = rows_of(database)
    assert row["logged_at"] == datetime(2026, 11, 24, 15, 0, 0, 123000, tzinfo=UTC)


def test_all_times_move_by_the_shift(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("before\n" + PYTHON + "9999-12-31 23:00:00,000 INFO app.a: last\n")
    loaded = load(database, [path], format="python", shift=timedelta(days=2), say=quietly)
    rows = rows_of(database)
    moved = datetime(2026, 11, 26, 10, 0, 0, 123000, tzinfo=UTC)
    assert [row["logged_at"] for row in rows[:2]] == [moved, moved]
    assert "too far off" in rows[2]["attributes"]["ingest_notes"][0]
    assert loaded.files[0].first_at == moved


def test_options_override_what_the_lines_say(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("<34>Oct 11 22:14:15 mymachine su: hello\n")
    load(database, [path], source="mine", host="here", say=quietly)
    (row,) = rows_of(database)
    assert (row["source"], row["host"]) == ("mine", "here")


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("web.log", "web"),
        ("web.log.1.gz", "web"),
        ("nginx-access.log.gz", "nginx-access"),
        ("app.jsonl", "app"),
        ("syslog", "syslog"),
        ("secure-20261124", "secure"),
        (".log", ".log"),
    ],
)
def test_a_source_that_no_line_states_is_the_files_name(
    name: str, source: str, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(PYTHON)
    load(database, [path], say=quietly)
    assert rows_of(database)[0]["source"] == source


@pytest.mark.usefixtures("small_chunks")
def test_a_file_of_several_chunks_is_loaded_whole_and_in_order(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "app.log"
    path.write_text("".join(f"2026-11-24 10:00:00,123 INFO app.a: {n}\n" for n in range(500)))
    load(database, [path], say=quietly)
    assert [row["message"] for row in rows_of(database)] == [str(n) for n in range(500)]


@pytest.mark.usefixtures("small_chunks")
def test_of_a_file_that_breaks_off_nothing_is_written_and_the_others_are(
    database: Database, tmp_path: Path
) -> None:
    good, cut, last = tmp_path / "good.log", tmp_path / "cut.log.gz", tmp_path / "last.log"
    good.write_text(PYTHON)
    last.write_text(PYTHON)
    lines = "".join(f"2026-11-24 10:00:00,123 INFO app.a: {n**7}\n" for n in range(20_000))
    cut.write_bytes(gzip.compress(lines.encode())[:-100])
    said: list[str] = []
    missing = tmp_path / "no.log"
    loaded = load(database, [good, cut, missing, tmp_path, last], say=said.append)
    assert [row["source"] for row in rows_of(database)] == ["good", "last"]
    assert [each.path for each in loaded.files] == [good, last]
    assert loaded.failures == {
        cut: f"{cut}: the compressed data end too early; nothing of it was loaded: "
        "copy the file again",
        missing: f"{missing} does not exist",
        tmp_path: f"{tmp_path} is a directory; name the files in it, as in {tmp_path}/*.log",
    }
    assert set(loaded.failures.values()) < set(said)


def test_an_empty_file_is_no_failure(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "empty.log"
    path.touch()
    loaded = load(database, [path], say=quietly)
    assert (loaded.count_entries, loaded.failures) == (0, {})


def test_a_database_that_is_not_migrated_says_so(empty_database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(PYTHON)
    database = connect(empty_database_url)
    with pytest.raises(NotInstalled, match="python -m sql migrate"):
        load(database, [path], say=quietly)
    database.close()


def test_a_lost_connection_stops_the_load(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(PYTHON)
    database = connect(database_url)
    database.close()
    with pytest.raises(Unreachable):
        load(database, [path, path], say=quietly)


def test_an_unknown_format_loads_nothing(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(PYTHON)
    with pytest.raises(BadOption, match="no format is named"):
        load(database, [path], format="xml", say=quietly)
    assert rows_of(database) == []


def test_the_summary_says_what_to_look_at(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    ahead = datetime.now(timezone(timedelta(hours=3))) + timedelta(hours=3)
    path.write_text(f"{PYTHON}{ahead:%Y-%m-%d %H:%M:%S},000 INFO app.a: ok\n24/11/26 odd\n")
    said: list[str] = []
    load(database, [path], say=said.append)
    assert "Python logging (detected; reads 67% of the first 3 lines)" in said[0]
    assert "3 entries from 3 lines, 2026-11-24 10:00:00 to " in said[1]
    assert "1 not understood, kept with the reason in attributes->>'ingest_error'" in said[1]
    assert "times lie ahead of now: is --timezone right?" in said[1]
