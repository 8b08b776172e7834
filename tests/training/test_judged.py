"""What people say acts on the next batch and on the next training."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.__main__ import main as score
from scoring.template import template_id
from sql.database import Database, connect
from training import dataset
from training.__main__ import main as train
from training.errors import TrainingError
from training.judged import Judged, judged


def anomalies(database: Database) -> dict[int, int]:
    """Return, of each anomalous template of the latest batch, the number of its anomalous logs."""
    with database.transaction():
        rows = database.rows("tests.latest_anomalous_templates")
    return {row["template_id"]: row["count_logs"] for row in rows}


def from_which_on(folder: Path) -> tuple[float, dict[str, int]]:
    """Return the detector's own score from which on a log is an anomaly, and what was judged."""
    detector: dict[str, Any] = json.loads((folder / "manifest.json").read_text())[
        "anomaly_detector"
    ]
    knots = detector["calibration"]
    return float(np.interp(detector["threshold"], knots["score"], knots["raw"])), detector[
        "judged_groups"
    ]


def test_a_verdict_on_a_log_acts_on_the_next_batch_and_on_the_next_training(
    captured_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", captured_url)
    database = connect(captured_url)
    folder = tmp_path / "models"
    with database.transaction():
        database.execute("tests.went_on_for_days", days=1)
    assert train(["--folder", str(folder), "--budget", "0.02"]) == 0
    without, counts = from_which_on(folder)
    assert counts == {
        "confirmed": 0,
        "confirmed_found": 0,
        "false_alarms": 0,
        "false_alarms_found": 0,
        "muted": 0,
    }
    assert score(["--all", "--folder", str(folder)]) == 0
    found = anomalies(database)
    often, seldom = (
        max(found, key=lambda each: found[each]),
        min(found, key=lambda each: found[each]),
    )
    with database.transaction():
        for template_id, verdict in ((often, "false_alarm"), (seldom, "confirmed")):
            said = database.value("tests.judge_a_log", template_id=template_id, verdict=verdict)
            assert said is not None
        database.execute("tests.score_anew")
    assert score(["--all", "--folder", str(folder)]) == 0
    after = anomalies(database)
    assert often not in after
    assert after[seldom] > found[seldom]  # All of its logs by now.
    assert train(["--folder", str(folder), "--budget", "0.02"]) == 0
    now, counts = from_which_on(folder)
    # What the false alarm took of the budget goes to others.
    assert now < without
    assert counts["confirmed"] > 0
    assert counts["false_alarms"] >= counts["false_alarms_found"] > 0
    assert counts["muted"] == 0
    with database.transaction():
        (day,) = database.rows("tests.precision_by_day")
    assert (day["count_confirmed"], day["count_false_alarms"], day["share_confirmed"]) == (
        1,
        1,
        0.5,
    )
    database.close()


def test_what_is_muted_is_known_to_training(database: Database) -> None:
    with database.transaction():
        database.execute("tests.make_logs", first=0, count=300)
    units = dataset.read(database).units
    one = next(unit for unit in units if unit.source == "postgresql")
    other = next(unit for unit in units if unit.source == "shop")
    with database.transaction():
        database.execute("tests.mute_each_way", one=template_id(one), other=template_id(other))
    data = dataset.read(database)
    said = judged(data, np.arange(len(data.units), dtype=np.int32))
    muted = {unit for unit, is_muted in zip(data.units, said.is_muted, strict=True) if is_muted}
    assert muted == {
        unit
        for unit in units
        if unit.source == "nginx" or template_id(unit) in (template_id(one), template_id(other))
    }
    assert 0 < len(muted) < len(units)


def test_judged_and_muted_logs_are_left_out_of_rarity() -> None:
    nothing = np.zeros(4, np.bool_)
    said = np.array([0, 1, -1, 0], np.int8)
    assert Judged(said, nothing).rest().tolist() == [True, False, False, True]
    muted = np.array([True, True, False, False])
    assert Judged(said, muted).rest().tolist() == [False, False, False, True]
    with pytest.raises(TrainingError, match="people judged or muted every template"):
        Judged(said, ~nothing).rest()
