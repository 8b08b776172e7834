"""Whatever a log holds, it is scored, or set aside with reason and count; nothing stops it."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring import shadow
from scoring.__main__ import main
from scoring.levels import LEVELS
from scoring.model import Classifier, Detector, Levels, Models
from scoring.selection import moment
from sql.database import Database
from tests.scoring.checks import check_exactly_once
from tests.scoring.conftest import Score, add
from tests.training.challengers import changed

TEXTS = {
    "empty": "",
    "blank": " \t\n ",
    "five megabytes": "x" * 5_000_000,
    "five megabytes of words": "disk full " * 500_000,
    "tabs and newlines": "a\tb\nc\r\nd\x0b\x0c",
    "backslashes": "\\N \\. \\\\ \\n \\",
    "right to left": "user \u202egnp.exe\u202c \u2066x\u2069 שלום",
    "control characters": "".join(map(chr, range(1, 32))) + "\x7f\x80\x9f",
    "terminal escapes": "\x1b[2J\x1b]0;owned\x07\x1b[31mred",
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "SQL": "'; drop table ml_predictions; -- %s %(a)s $$ $1",
    "not characters": "\ufffe\uffff\U0010ffff\ufffd",
    "many words": " ".join(chr(97 + at % 26) * (1 + at % 40) for at in range(20_000)),
    "one sign": "\\" * 16_000,
    "quotes": '"' * 15_999 + "'",
    "a COPY trailer": "\xff\xff\\.\nPGCOPY\n",
}
TIMES = ["-infinity", "4713-11-24 BC", "0001-01-01Z", "1970-01-01Z", "1989-12-31T23:59:59.999999Z"]
TIMES += [
    "1990-01-01Z",
    "2099-12-31T23:59:59Z",
    "2100-01-01Z",
    "9999-12-31Z",
    "294276-12-31Z",
    "infinity",
]


def rows(database: Database) -> list[dict[str, Any]]:
    with database.transaction():
        return database.rows("tests.scored")


def set_aside(row: dict[str, Any] | None) -> dict[str, int]:
    """Return the reasons of a batch with their counts."""
    assert row is not None
    assert row["status"] == "done"
    return {reason: entry["count"] for reason, entry in row["set_aside"].items()}


def test_every_text_is_scored(database: Database, score: Score) -> None:
    add(database, *({"id": at, "message": text} for at, text in enumerate(TEXTS.values(), 1)))
    row = score()
    assert row is not None
    assert row["count_logs"] == len(TEXTS)
    assert set_aside(row) == {}
    check_exactly_once(database)
    texts = [found["text"] for found in rows(database)]
    assert all(texts)
    assert texts[:2] == ["<*>", "<*>"]
    assert score() is None


def test_every_time_is_scored_and_those_beyond_the_calendar_are_counted(
    database: Database, score: Score
) -> None:
    add(database, *({"id": at, "logged_at": time} for at, time in enumerate(TIMES, 1)))
    row = score()
    aside = set_aside(row)
    assert list(aside.values()) == [9]
    assert "time" in next(iter(aside))
    assert row is not None
    assert row["count_set_aside"] == 9
    assert sorted(row["set_aside"][next(iter(aside))]["first_ids"]) == [1, 2, 3, 4, 5, 8, 9, 10, 11]
    check_exactly_once(database)
    assert score() is None
    with database.transaction():
        database.execute("schema.refresh")


START = ["kernel boots", "memory checked", "disk mounted", "clock set", "network up", "started"]
"""Ordinary lines of a board."""


def test_a_log_of_a_wrong_clock_does_not_make_a_new_source_old(
    database: Database,
    database_url: str,
    score: Score,
    models_folder: Path,
    tmp_path: Path,
) -> None:
    """Scored at once, over several batches, and in the shadow."""
    changed(models_folder, tmp_path / "alike")
    for hour, lines in ((10, START[:4]), (11, START[4:])):
        for source, first_at in (("right", "2026-03-02T10:00:00Z"), ("wrong", "1970-01-01Z")):
            first = {"source": source, "logged_at": first_at, "message": "power on"}
            rest = [
                {"source": source, "logged_at": f"2026-03-02T{hour}:{at:02}:30Z", "message": line}
                for at, line in enumerate(lines, 1)
            ]
            add(database, first, *rest)
        score()
        shadow.run(database_url, Models(tmp_path / "alike"), moment("24h"))
    with database.transaction():
        said = {row["log_entry_id"]: row["scores"] for row in database.rows("tests.shadow_scores")}
    found: dict[str, list[float]] = {"right": [], "wrong": []}
    for row in rows(database):
        if row["text"] != "power on":
            found[row["source"]] += [row["anomaly_score"], *said[row["id"]]]
    assert len(found["right"]) == 2 * len(START)
    # Of a source that begins a minute later, if anything, something new is less so.
    assert np.all(np.array(found["wrong"]) <= np.array(found["right"]) + 0.001)


@pytest.mark.parametrize("size", [200, 201, 10_000])
def test_sources_of_any_length_stay_apart(size: int, database: Database, score: Score) -> None:
    names = ["é" * (size - 1) + letter for letter in "ab"]
    add(database, *({"id": at, "source": name} for at, name in enumerate([*names, *names], 1)))
    row = score()
    aside = set_aside(row)
    assert sum(aside.values()) == (0 if size == 200 else 4)
    found = [found["source"] for found in rows(database)]
    assert found[0] == found[2] != found[1] == found[3]
    assert all(name.startswith("é" * 199) for name in found)
    if size == 200:
        assert found[:2] == names
    assert score() is None


@pytest.mark.parametrize("level", ["PANIC", "nonsense", "", "x" * 10_000, "error\n", "17", "💥"])
def test_levels_that_are_none_of_ours_are_kept_out(
    level: str, database: Database, score: Score
) -> None:
    add(database, {"level": level}, {"level": None})
    assert set_aside(score()) == {}
    check_exactly_once(database)


@pytest.fixture
def broken_classifier(monkeypatch: pytest.MonkeyPatch) -> None:
    """A classifier whose model answers with NaN for texts that speak of fire."""

    class Session:
        def __init__(self, real: Any) -> None:
            self._real = real

        def run(self, names: list[str], given: dict[str, Any]) -> list[Any]:
            (found,) = self._real.run(names, given)
            (texts,) = given.values()
            found = found.copy()
            found[[("fire" in text) for text in texts.ravel()]] = math.nan
            return [found]

    real = Classifier.levels

    def levels(self: Classifier, texts: list[str]) -> Levels:
        session = self._session
        self._session = Session(session)
        try:
            return real(self, texts)
        finally:
            self._session = session

    monkeypatch.setattr(Classifier, "levels", levels)


def test_a_level_that_the_model_cannot_give_is_counted_and_the_log_is_kept(
    database: Database, score: Score, broken_classifier: None
) -> None:
    add(database, {"id": 1, "message": "all is well"}, {"id": 2, "message": "fire"})
    add(database, {"id": 3, "message": "fire", "source": "other"})
    row = score()
    assert list(set_aside(row).values()) == [2]
    assert row is not None
    assert row["count_set_aside"] == 2
    check_exactly_once(database)


def test_a_score_that_the_model_cannot_give_is_counted_and_the_log_is_seen(
    database: Database, score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raw_scores(self: Detector, features: Any) -> Any:
        return np.full(len(features), math.nan, np.float32)

    monkeypatch.setattr(Detector, "raw_scores", raw_scores)
    add(database, {"id": 1, "message": "all is well"}, {"id": 2, "message": "fire"})
    row = score()
    assert list(set_aside(row).values()) == [2]
    assert all(found["is_anomaly"] for found in rows(database))
    check_exactly_once(database)


def test_a_job_summary_of_hostile_logs_is_plain(
    database: Database,
    database_url: str,
    models_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hostile = "<img src=x> | `x` [a](b)\n# heading"
    add(database, *({"source": hostile, "message": text} for text in ("up", "down")))
    path = tmp_path / "summary.md"
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    # Both are worth telling: fatal, and as unusual as can be.
    fatal = np.array([[0, 0, 0, 0, 0, 1]], np.float32)
    sure = np.zeros(1, np.bool_)
    monkeypatch.setattr(
        Classifier,
        "levels",
        lambda _, texts: Levels(fatal.repeat(len(texts), 0), sure.repeat(len(texts))),
    )
    monkeypatch.setattr(Classifier, "labels", lambda _, texts: [LEVELS[-1]] * len(texts))
    monkeypatch.setattr(Detector, "raw_scores", lambda _, rows: np.full(len(rows), 9, np.float32))
    assert main(["--folder", str(models_folder)]) == 0
    said = path.read_text()
    assert "2 logs scored" in said
    assert "| critical |" in said
    assert "<img" not in said
    assert "](" not in said
    assert "\n# heading" not in said
