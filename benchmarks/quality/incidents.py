"""Injected faults: are they found, and what else is called anomalous.

First runs of some programs are learned from, second runs say where the threshold lies, and third
and later runs are judged, each with all that came before it as its history. The kinds of fault are
dealt into four folds; for each fold, its windows are cut out of first and second runs, so that
nothing of these kinds was ever seen, and its windows and its quarter of the clean stretches of the
later runs are judged.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.quality.captured import Bools, Run, part
from benchmarks.quality.stream import Walked, walk
from scoring.features import History
from scoring.model import Classifier, Detector, open_session
from scoring.verdict import Assessor
from training import base, classifier, detector, export
from training.dataset import Levelled
from training.detector import Samples

FOLDS = 4
TEMPLATES_PER_LOGS = 1 / 10_000
"""False templates that are allowed, by clean log."""

FIRST, SECOND = "-1", "-2"
"""What the names of the first and second runs of some programs end with."""


@dataclass(frozen=True)
class Result:
    """Counts of a fold, or of all of them."""

    incidents: int = 0
    found: int = 0
    clean_logs: int = 0
    false_templates: int = 0

    def __add__(self, other: "Result") -> "Result":
        """Return the sums."""
        return Result(
            self.incidents + other.incidents,
            self.found + other.found,
            self.clean_logs + other.clean_logs,
            self.false_templates + other.false_templates,
        )


def folds_of_kinds(runs: list[Run]) -> dict[str, int]:
    """Return the fold of each kind of fault."""
    kinds = sorted(set().union(*(run.kinds for run in runs)))
    order = np.random.default_rng(0).permutation(len(kinds))
    return {kinds[kind]: place % FOLDS for place, kind in enumerate(order.tolist())}


def declared_by(runs: list[Run], kept: list[Bools]) -> Levelled:
    """Return the texts with a declared level of the kept logs of runs."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for run, keep in zip(runs, kept, strict=True):
        sizes = np.bincount(run.logs.of_log[keep], minlength=len(run.logs.units))
        for unit, size in zip(run.logs.units, sizes.tolist(), strict=True):
            if size and unit.declared_level:
                counts[unit.source, unit.text, unit.declared_level] += size
    return Levelled(
        [text for _, text, _ in counts],
        [level for _, _, level in counts],
        list(counts.values()),
        [source for source, _, _ in counts],
        [False] * len(counts),
    )


def exported(levelled: Levelled) -> Classifier:
    """Return the level classifier fitted on `levelled`, as the batch runs it."""
    model = classifier.fit_plain(levelled)
    session = open_session(export.export_classifier(model))
    return Classifier(session, [str(label) for label in model.classes_])


def templates(run: Run) -> list[tuple[str, str]]:
    """Return the template (source, text) of each unit of a run."""
    return [(unit.source, unit.text) for unit in run.logs.units]


def threshold(runs: list[Run], kept: list[Bools], walks: list[Walked], model: Detector) -> float:
    """Return the raw score that one template per 10,000 clean logs of these runs exceeds."""
    best: dict[tuple[str, str], float] = {}
    clean = 0
    for run, keep, walked in zip(runs, kept, walks, strict=True):
        names, of_log = templates(run), run.logs.of_log[keep]
        is_clean = run.is_clean[keep]
        scores = model.raw_scores(walked.features)[walked.of_log]
        clean += int(is_clean.sum())
        for unit, score in zip(of_log[is_clean].tolist(), scores[is_clean].tolist(), strict=True):
            best[names[unit]] = max(score, best.get(names[unit], -np.inf))
    ordered = sorted(best.values(), reverse=True)
    return ordered[min(int(clean * TEMPLATES_PER_LOGS), len(ordered) - 1)]


def judged(run: Run, kinds: set[str], fold: int, is_anomaly: Bools) -> Result:
    """Return how a later run's windows of `kinds` and its clean stretches of a fold come out."""
    is_hit = is_anomaly & run.is_affected
    windows = [at for at, each in enumerate(run.windows) if each.fault in kinds]
    found = sum(bool(is_hit[run.window == at].any()) for at in windows)
    clean = run.is_clean & (run.window // 2 % FOLDS == fold)
    names = templates(run)
    false = {names[unit] for unit in run.logs.of_log[clean & is_anomaly].tolist()}
    return Result(len(windows), found, int(clean.sum()), len(false))


def measure(runs: list[Run], corpus: Path, say: Callable[[str], None]) -> dict[str, float]:
    """Return recall of incidents and false templates per 10,000 clean logs."""
    earlier = sorted(
        (run for run in runs if run.name.endswith((FIRST, SECOND))), key=lambda run: run.name[-2:]
    )
    later = [run for run in runs if not run.name.endswith((FIRST, SECOND))]
    fold_of, others = folds_of_kinds(runs), base.read(corpus)
    total = Result()
    for fold in range(FOLDS):
        kinds = {kind for kind, its in fold_of.items() if its == fold}
        kept = [~run.in_kinds(kinds) for run in earlier]
        assessor = Assessor(exported(declared_by(earlier, kept) + others))
        history = History()
        walks = [
            walk(part(run.logs, keep), assessor, history)
            for run, keep in zip(earlier, kept, strict=True)
        ]
        samples = Samples(
            np.concatenate([each.features for each in walks]),
            np.concatenate([each.counts for each in walks]),
        )
        graph = export.export_detector(detector.fit(samples))
        # The calibration is not used here: raw scores are compared with a raw threshold.
        model = Detector(
            open_session(graph), {"calibration": {"raw": [0, 1], "score": [0, 1]}, "threshold": 1}
        )
        second = [at for at, run in enumerate(earlier) if run.name.endswith(SECOND)]
        limit = threshold(
            [earlier[at] for at in second],
            [kept[at] for at in second],
            [walks[at] for at in second],
            model,
        )
        result = Result()
        for run in later:
            walked = walk(run.logs, assessor, history)
            is_anomaly = (model.raw_scores(walked.features) > limit)[walked.of_log]
            result += judged(run, kinds, fold, is_anomaly)
        say(f"  fold {fold}: {result}")
        total += result
    return {
        "recall": total.found / max(total.incidents, 1),
        "false_templates_per_10k": total.false_templates / max(total.clean_logs, 1) * 10_000,
        "incidents": total.incidents,
        "clean_logs": total.clean_logs,
    }
