"""How well levels are read: on programs never seen, and on templates never seen.

Levels count in four groups: DEBUG and below, INFO, WARN, ERROR and above. Everything that is
chosen (terms, temperature) is chosen inside the training part; the test part is only scored.
"""

import csv
import gzip
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from scoring.levels import declared
from scoring.model import weighed
from scoring.normalize import normalize
from training import classifier
from training.calibration import calibration_error
from training.dataset import Levelled

FEWEST_MESSAGES = 20
"""Messages of a program below which its F1 is mostly chance: it trains, but is not judged."""

FAMILIES = {
    **dict.fromkeys(("pgbouncer", "postgresql"), "postgres"),
    **dict.fromkeys(
        (
            *("amqp", "eventlet", "neutron", "neutron_fwaas", "neutron_lib", "openvswitch/ovn"),
            *("oslo", "oslo_concurrency", "oslo_privsep", "oslo_service", "ovsdbapp"),
        ),
        "openstack",
    ),
}
"""Programs that share code or writers; for the stricter protocol."""

PROGRAMS = {f"zookeeper-{number}": "zookeeper" for number in (1, 2, 3)}
"""Sources of the capture that are programs of the table under another name."""

LOGHUB = ("Apache", "HDFS", "Hadoop", "Spark")
"""Loghub files that declare levels."""

Ranks = npt.NDArray[np.int64]
Reader = Callable[[Levelled, Levelled], Ranks]
"""What is known, and what is asked, to the group of levels said of each text asked [n]."""


def unseen_programs(
    table: Levelled, others: Levelled, say: Callable[[str], None], by_family: bool = False
) -> dict[str, float]:
    """Leave out every program (or family) of `table` in turn, train on its other programs and on
    `others` but for the same program, judge its messages.

    Returns the mean over programs of macro-F1 over the groups that the program has; the mean of
    F1 of WARN-or-worse over programs that have any; and the calibration error over all messages.
    Messages that normalise alike are one text to train on, but count each when judged.
    """
    programs = np.array(table.programs, dtype=object)
    of_others = np.array([PROGRAMS.get(name, name) for name in others.programs], dtype=object)
    unit, unit_of_others = programs, of_others
    if by_family:
        unit = np.array([FAMILIES.get(name, name) for name in programs])
        unit_of_others = np.array([FAMILIES.get(name, name) for name in of_others])
    true = classifier.ranks_of(table.levels)
    said = np.zeros(len(true), np.int64)
    confidence = np.zeros(len(true))
    for left_out in sorted(set(unit.tolist())):
        outside = np.flatnonzero(unit == left_out)
        model = classifier.fit(
            table.pick(np.flatnonzero(unit != left_out).tolist())
            + others.pick(np.flatnonzero(unit_of_others != left_out).tolist())
        )
        found = classifier.probabilities(model, table.pick(outside.tolist()).texts)
        said[outside], confidence[outside] = found.argmax(1), found.max(1)
        f1 = classifier.macro_f1(classifier.GROUPS[true[outside]], classifier.GROUPS[said[outside]])
        say(f"  without {left_out}: macro-F1 {f1:.2f} on {len(outside)} texts")
    copies = np.array(table.counts)
    programs, true = np.repeat(programs, copies), np.repeat(true, copies)
    said, confidence = np.repeat(said, copies), np.repeat(confidence, copies)
    names = [name for name, size in Counter(programs).items() if size >= FEWEST_MESSAGES]
    places = [np.flatnonzero(programs == name) for name in names]
    macro = [
        classifier.macro_f1(classifier.GROUPS[true[at]], classifier.GROUPS[said[at]])
        for at in places
    ]
    warn = [warn_f1(true[at], said[at]) for at in places if (true[at] >= 3).any()]
    return {
        "macro_f1": float(np.mean(macro)),
        "warn_f1": float(np.mean(warn)),
        "ece": calibration_error(confidence, said == true),
    }


def warn_f1(true: Ranks, said: Ranks) -> float:
    """Return F1 of WARN or worse."""
    both = int(((true >= 3) & (said >= 3)).sum())
    return 2.0 * both / max(int((true >= 3).sum() + (said >= 3).sum()), 1)


def loghub(folder: Path) -> tuple[Levelled, list[str]]:
    """Return the distinct (program, text, level) of Loghub's files with their number of lines, and
    the template (by Loghub) of each."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    for program in LOGHUB:
        with gzip.open(folder / f"{program}_2k.log_structured.csv.gz", "rt") as stream:
            for row in csv.DictReader(stream):
                key = program, normalize(row["Content"]), declared(row["Level"])
                found[(*key, f"{program} {row['EventId']}")] += 1
    levelled = Levelled(
        [text for _, text, _, _ in found],
        [level for _, _, level, _ in found],
        list(found.values()),
        [program for program, _, _, _ in found],
        [False] * len(found),
    )
    return levelled, [template for _, _, _, template in found]


def unseen_templates(
    levelled: Levelled, templates: list[str], read: Reader, splits: int, say: Callable[[str], None]
) -> dict[str, float]:
    """Hold out a quarter of all templates, `splits` times, and read them knowing the others.

    The held-out lines of all splits are judged together: macro-F1 over their groups, and accuracy;
    and macro-F1 when each held-out text counts once, however many lines it has.
    """
    names, of_text = np.unique(templates, return_inverse=True)
    true = classifier.GROUPS[classifier.ranks_of(levelled.levels)]
    outside: list[Ranks] = []
    said: list[Ranks] = []
    for split in range(splits):
        chosen = np.random.default_rng(split).permutation(len(names))[: len(names) // 4]
        is_outside = np.isin(of_text, chosen)
        outside.append(np.flatnonzero(is_outside))
        known = levelled.pick(np.flatnonzero(~is_outside).tolist())
        said.append(read(known, levelled.pick(outside[-1].tolist())))
        f1 = classifier.macro_f1(true[outside[-1]], said[-1])
        say(f"  split {split}: macro-F1 {f1:.2f} on {len(said[-1])} texts")
    texts, texts_said = np.concatenate(outside), np.concatenate(said)
    copies = np.array(levelled.counts)[texts]
    lines_true, lines_said = np.repeat(true[texts], copies), np.repeat(texts_said, copies)
    return {
        "macro_f1": classifier.macro_f1(lines_true, lines_said),
        "accuracy": float((lines_true == lines_said).mean()),
        "macro_f1_by_text": classifier.macro_f1(true[texts], texts_said),
    }


def product(others: Levelled) -> Reader:
    """Return the product: it learns from what is known and from another corpus, which has none of
    these programs, and weighs levels by the known programs' habits."""

    def read(known: Levelled, asked: Levelled) -> Ranks:
        found = classifier.probabilities(classifier.fit(known + others), asked.texts)
        weighed_found = weighed(found, classifier.habits(known), asked.programs)
        return np.asarray(classifier.GROUPS[weighed_found.argmax(1)])

    return read


def baseline(known: Levelled, asked: Levelled) -> Ranks:
    """Read levels by what the published baseline is: words after camelCase is split, TF-IDF of
    words and pairs, logistic regression, fitted on the known lines alone."""
    lines = np.repeat(np.arange(len(known.texts)), known.counts)
    levels = classifier.GROUPS[classifier.ranks_of(known.levels)]
    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(max_iter=300))
    model.fit(known.pick(lines.tolist()).texts, levels[lines])
    return np.asarray(model.predict(asked.texts))
