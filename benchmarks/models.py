"""How good the models are, protocol by protocol, from fixed seeds; see docs/models.md."""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality import bgl, captured, incidents, levels, traces
from scoring.model import Classifier, open_session
from scoring.verdict import Assessor
from training import base, classifier, export
from training.capture import corpus

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
"""Public logs with labels; not part of the project."""


def say(line: str) -> None:
    """Print a step to standard error."""
    print(line, file=sys.stderr, flush=True)


def main(families: int = 1) -> dict[str, Any]:
    """Return the figures; `families=0` leaves out the stricter protocol, which takes minutes."""
    if not DATA.is_dir():
        sys.exit("the labelled public logs are absent: expected them in ../shared/data")
    table = DATA / "levels" / "levels.tsv.gz"
    say("level, programs left out one by one")
    programs = levels.unseen_programs(table, say)
    found: dict[str, Any] = {
        "level_unseen_programs_macro_f1": programs["macro_f1"],
        "level_unseen_programs_warn_f1": programs["warn_f1"],
        "level_ece": programs["ece"],
    }
    if families:
        say("level, families of programs left out one by one")
        stricter = levels.unseen_programs(table, say, by_family=True)
        found["level_unseen_families_macro_f1"] = stricter["macro_f1"]
        found["level_unseen_families_warn_f1"] = stricter["warn_f1"]
    say("level, templates of known programs left out")
    unseen = levels.unseen_templates(DATA / "loghub_2k", table, say)
    found["level_unseen_templates_macro_f1"] = unseen["macro_f1"]
    found["level_unseen_templates_accuracy"] = unseen["accuracy"]
    found |= alerts(table)
    say("captured faults, kinds held out")
    runs = [captured.read(name) for name in corpus.runs()]
    result = incidents.measure(runs, table, say)
    found["incident_recall"] = result["recall"]
    found["false_templates_per_10k_clean"] = result["false_templates_per_10k"]
    found["count_incidents"] = result["incidents"]
    say("HDFS, blocks")
    blocks = traces.measure(DATA / "hdfs" / "hdfs_2percent_labelled.csv.gz")
    found["hdfs_block_f1"] = blocks["f1"]
    found["hdfs_block_f1_labelled"] = blocks["f1_labelled"]
    return found


def alerts(table: Path) -> dict[str, float]:
    """Return average precision on BGL by a classifier that knows the base corpus alone, and the
    largest difference between fitted and exported classifier on all texts of both."""
    say("alerts, BGL")
    others = base.read(table)
    model = classifier.fit(others)
    labels = [str(label) for label in model.classes_]
    exported = Classifier(open_session(export.export_classifier(model)), labels)
    logs, is_alert = bgl.read(DATA / "bgl" / "bgl_100k.log.gz")
    raw, units = bgl.scores(logs, Assessor(exported))
    after = bgl.after_feedback(raw, units, is_alert, bgl.tagged(units, is_alert))
    highest = bgl.after_feedback(raw, units, is_alert, bgl.highest(raw, units))
    texts = list(dict.fromkeys(others.texts + [unit.text for unit in logs.units]))
    difference = np.abs(
        exported.levels(texts).probabilities[:, exported.columns] - model.predict_proba(texts)
    ).max()
    return {
        "bgl_ap": bgl.average_precision(raw, is_alert),
        "bgl_ap_after_feedback": bgl.average_precision(after, is_alert),
        "bgl_ap_after_feedback_on_highest": bgl.average_precision(highest, is_alert),
        "parity_max_abs_diff": float(difference),
    }
