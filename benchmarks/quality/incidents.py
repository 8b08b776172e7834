"""Injected faults: are they found, and what else is called anomalous.

Runs in the order of time: earlier ones are learned from, later ones are judged, each with all that
came before it as its history. The kinds of fault are dealt into four folds; for each fold, its
windows are cut out of the earlier runs, so that nothing of these kinds was ever seen, and its
windows and its quarter of the clean stretches of the later runs are judged.

Where the threshold lies, earlier runs say: each as if it were a later one, by what is learned from
all others. By what was learned from itself its clean stretches would be too familiar, and with what
came before it alone as its history they would be too new.

An alert is a group: the logs of one template in one minute. It is a false one when none of its logs
lies in the window of a fault.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.quality import captured
from benchmarks.quality.captured import Bools, Run, part
from benchmarks.quality.stream import walk
from scoring.features import History
from scoring.model import Classifier, Detector, open_session
from scoring.verdict import Assessor
from training import classifier, detector, export
from training.dataset import Levelled

Groups = npt.NDArray[np.intp]
"""The group of each log, [n]."""

FOLDS = 4
TEMPLATES_PER_LOGS = 1 / 10_000
"""False templates that are allowed, by clean log."""

LEARNED = 3
"""First runs, which are learned from alone; the earlier ones after them set the threshold, too."""


@dataclass(frozen=True)
class Result:
    """Counts of a fold, or of all of them."""

    incidents: int = 0
    found: int = 0
    clean_logs: int = 0
    false_templates: int = 0
    by_line: int = 0
    """Templates of any anomalous log in a clean stretch, also where the alert was a true one."""

    def __add__(self, other: "Result") -> "Result":
        """Return the sums."""
        return Result(
            self.incidents + other.incidents,
            self.found + other.found,
            self.clean_logs + other.clean_logs,
            self.false_templates + other.false_templates,
            self.by_line + other.by_line,
        )


@dataclass(frozen=True)
class Known:
    """What was learned: levels and words, all logs so far, and the detector."""

    assessor: Assessor
    history: History
    detector: Detector


def folds_of_kinds(runs: list[Run]) -> dict[str, int]:
    """Return the fold of each kind of fault."""
    kinds = sorted(set().union(*(run.kinds for run in runs)))
    order = np.random.default_rng(0).permutation(len(kinds))
    return {kinds[kind]: place % FOLDS for place, kind in enumerate(order.tolist())}


def exported(levelled: Levelled) -> Classifier:
    """Return the level classifier fitted on `levelled`, as the batch runs it."""
    model = classifier.fit_plain(levelled)
    session = open_session(export.export_classifier(model))
    return Classifier(session, [str(label) for label in model.classes_])


def templates(run: Run) -> list[tuple[str, str]]:
    """Return the template (source, text) of each unit of a run."""
    return [(unit.source, unit.text) for unit in run.logs.units]


def is_false(run: Run, of_log: Groups, kept: Bools) -> Bools:
    """Return which of the kept logs [n] are clean and of a group without a log in any fault."""
    in_fault = run.in_kinds(run.kinds)[kept]
    found: Bools = run.is_clean[kept] & (np.bincount(of_log, in_fault) == 0)[of_log]
    return found


def learn(runs: list[Run], kept: list[Bools], others: Levelled) -> Known:
    """Return what the kept logs of runs, and the texts of others, teach."""
    assessor, history = Assessor(exported(captured.levelled(runs, kept) + others)), History()
    walks = [
        walk(part(run.logs, keep), assessor, history) for run, keep in zip(runs, kept, strict=True)
    ]
    graph = export.export_detector(detector.fit(np.concatenate([w.features for w in walks])))
    # The calibration is not used here: raw scores are compared with a raw threshold.
    entry = {"calibration": {"raw": [0, 1], "score": [0, 1]}, "threshold": 1}
    return Known(assessor, history, Detector(open_session(graph), entry))


def threshold(runs: list[Run], kept: list[Bools], others: Levelled) -> float:
    """Return the raw score that one false template per 10,000 clean logs exceeds, in runs that are
    judged by all the other ones."""
    scores: list[float] = []
    clean = 0
    for at in range(LEARNED, len(runs)):
        run, keep = runs[at], kept[at]
        known = learn(runs[:at] + runs[at + 1 :], kept[:at] + kept[at + 1 :], others)
        walked = walk(part(run.logs, keep), known.assessor, known.history)
        raw = known.detector.raw_scores(walked.features)
        best: dict[tuple[str, str], float] = {}
        for group in np.unique(walked.of_log[is_false(run, walked.of_log, keep)]).tolist():
            name = walked.units[group].source, walked.units[group].text
            best[name] = max(float(raw[group]), best.get(name, -np.inf))
        scores += best.values()
        clean += int(run.is_clean[keep].sum())
    scores.sort(reverse=True)
    return scores[min(int(clean * TEMPLATES_PER_LOGS), len(scores) - 1)]


def judged(run: Run, kinds: set[str], fold: int, of_log: Groups, is_anomaly: Bools) -> Result:
    """Return how a later run's windows of `kinds` and its clean stretches of a fold come out."""
    is_hit = is_anomaly & run.is_affected
    windows = [at for at, each in enumerate(run.windows) if each.fault in kinds]
    found = sum(bool(is_hit[run.window == at].any()) for at in windows)
    clean = run.is_clean & (run.window // 2 % FOLDS == fold)
    names = templates(run)
    false = is_false(run, of_log, np.ones(len(clean), np.bool_))
    counts = [
        len({names[unit] for unit in run.logs.of_log[chosen].tolist()})
        for chosen in (clean & is_anomaly & false, clean & is_anomaly)
    ]
    return Result(len(windows), found, int(clean.sum()), *counts)


def measure(
    runs: list[Run], count_earlier: int, others: Levelled, say: Callable[[str], None]
) -> dict[str, float]:
    """Return recall of incidents and false templates per 10,000 clean logs in the runs [n] after
    the earlier ones; all are in the order of time."""
    earlier, later = runs[:count_earlier], runs[count_earlier:]
    fold_of = folds_of_kinds(runs)
    by_run = dict.fromkeys((run.name for run in later), Result())
    for fold in range(FOLDS):
        kinds = {kind for kind, its in fold_of.items() if its == fold}
        kept = [~run.in_kinds(kinds) for run in earlier]
        limit = threshold(earlier, kept, others)
        known = learn(earlier, kept, others)
        for run in later:
            walked = walk(run.logs, known.assessor, known.history)
            is_anomaly = (known.detector.raw_scores(walked.features) > limit)[walked.of_log]
            by_run[run.name] += judged(run, kinds, fold, walked.of_log, is_anomaly)
        say(f"  fold {fold} of {FOLDS}: threshold {limit:.2f}")
    for name, result in by_run.items():
        say(f"  {name}: {result}")
    total = sum(by_run.values(), Result())
    return {
        "recall": total.found / max(total.incidents, 1),
        "false_templates_per_10k": total.false_templates / max(total.clean_logs, 1) * 10_000,
        "by_line_per_10k": total.by_line / max(total.clean_logs, 1) * 10_000,
        "incidents": total.incidents,
        "clean_logs": total.clean_logs,
    }
