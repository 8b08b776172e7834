"""The level classifier: words and pairs of words, weighted, and a linear model.

It must read programs that it never saw, so training is arranged around programs: terms of the base
corpus count only if three programs use them, and no program and no level drowns the others. Levels
are told apart in two steps, four groups first (DEBUG and below, INFO, WARN, ERROR and above), then
the levels of a group: that TRACE is near DEBUG must not make both weak against INFO. Both steps and
the temperature are folded into one linear model, so the exported graph is plain TF-IDF and
logistic regression.
"""

from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.pipeline import Pipeline, make_pipeline

from scoring.levels import LEVELS, RANKS
from scoring.model import weighed
from training.calibration import best_temperature
from training.dataset import Levelled

MOST_TERMS = 60_000
FEWEST_TEXTS = 2
"""Texts that a term must be in; below that it only says which text this is."""
SMALL = 500
"""Below so many texts every term stays."""
INVERSE_REGULARISATION = 1.0
FEWEST_USERS = 3
"""Programs that must use a term of the base corpus."""
EVENING = 0.2
"""Exponent by which programs, and levels within them, are evened out; 0 counts every text alike."""
BALANCE = 0.7
"""Exponent by which the four groups of levels are evened out; with 1 each counts the same."""
HABIT = 0.6
"""Exponent of a source's shares of levels in what its habits are: less than all of it, for how
common a level is says little of a text."""
FOLDS = 3
FEWEST_PROGRAMS = 8
"""From so many programs on, folds leave out whole programs; below, texts."""
FEWEST_TO_SPLIT = 10
"""Texts of a level below which it is not told apart from the rest of its group."""
HELD_OUT = 4
"""The last quarter of texts, by first appearance, is held out to measure."""

GROUPS = np.array([0, 0, 1, 2, 3, 3])
"""Rank to one of four groups: DEBUG and below, INFO, WARN, ERROR and above."""

Floats = npt.NDArray[np.float64]
Ranks = npt.NDArray[np.int64]
Rows = dict[int, Floats]
"""Rank of a level to its row of the linear model: a coefficient per term, the intercept last."""


def fit(levelled: Levelled) -> Pipeline:
    """Return the classifier fitted on all of `levelled`, its confidence adjusted on folds of it.

    Equal logs make equal models, whatever order they came in.
    """
    levelled = levelled.in_order()
    return cooled(fit_plain(levelled), temperature(levelled))


def fit_plain(levelled: Levelled) -> Pipeline:
    """Return the classifier fitted on `levelled`, as sure of itself as it came out."""
    vectorizer = TfidfVectorizer(
        lowercase=False,  # the normaliser's work; in a graph it needs a locale slim images lack
        token_pattern=r"\S+",
        ngram_range=(1, 2),
        vocabulary=vocabulary(levelled),
        dtype=np.float32,
    )
    matrix = vectorizer.fit_transform(levelled.texts)
    ranks, weight = ranks_of(levelled.levels), weights(levelled)
    rows: Rows = {}
    for group, row in linear_rows(matrix, GROUPS[ranks], weight).items():
        inside = GROUPS[ranks] == group
        for rank, further in levels_of_group(matrix[inside], ranks[inside], weight[inside]).items():
            rows[rank] = row + further
    return make_pipeline(vectorizer, linear_model(rows))


def linear_rows(matrix: Any, classes: Ranks, weight: Floats) -> Rows:
    """Return the row of each class, fitted by logistic regression."""
    found = np.unique(classes)
    if len(found) == 1:
        return {int(found[0]): np.zeros(matrix.shape[1] + 1)}
    model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=100, tol=1e-3)
    model.fit(matrix, classes, sample_weight=weight)
    rows = np.column_stack([model.coef_, model.intercept_]).astype(np.float64)
    if len(found) == 2:  # One row of odds: the second class against the first.
        rows = np.vstack([np.zeros_like(rows), rows])
    return {int(each): row for each, row in zip(found, rows, strict=True)}


def levels_of_group(matrix: Any, ranks: Ranks, weight: Floats) -> Rows:
    """Return what each level's row adds to its group's.

    The commonest level adds nothing; a rare one is only as likely as its share.
    """
    counts = Counter(ranks.tolist())
    (usual, most), *others = counts.most_common()
    rows = {usual: np.zeros(matrix.shape[1] + 1)}
    for rank, count in others:
        rows[rank] = np.zeros(matrix.shape[1] + 1)
        if count < FEWEST_TO_SPLIT:
            rows[rank][-1] = np.log(count / most)
            continue
        pair = linear_rows(matrix, (ranks == rank).astype(np.int64), weight)
        rows[rank] = pair[1]
    return rows


def linear_model(rows: Rows) -> LogisticRegression:
    """Return a fitted logistic regression with these rows."""
    model = LogisticRegression()
    ordered = sorted(rows, key=lambda rank: LEVELS[rank])  # scikit-learn's order of classes
    model.classes_ = np.array([LEVELS[rank] for rank in ordered])
    stacked = np.array([rows[rank] for rank in ordered])
    if len(ordered) == 2:
        stacked = stacked[1:] - stacked[:1]
    model.coef_, model.intercept_ = stacked[:, :-1], stacked[:, -1]
    model.n_features_in_ = stacked.shape[1] - 1
    return model


def cooled(model: Pipeline, temperature: float) -> Pipeline:
    """Return `model` with its log-odds divided by a temperature."""
    linear = model.named_steps["logisticregression"]
    linear.coef_, linear.intercept_ = linear.coef_ / temperature, linear.intercept_ / temperature
    return model


def terms_of(text: str) -> set[str]:
    """Return the distinct words and pairs of neighbouring words of a normalised text."""
    words = text.split()
    return {*words, *(f"{one} {two}" for one, two in pairwise(words))}


def vocabulary(levelled: Levelled) -> list[str]:
    """Return the terms to look at, the most frequent ones when there are too many.

    A term of the base corpus that few programs use says which program this is, and with it how
    talkative that program is; of no use elsewhere. The installation's own terms all stay.
    """
    count: Counter[str] = Counter()
    users: defaultdict[str, set[str]] = defaultdict(set)
    own: set[str] = set()
    for text, program, is_base in zip(
        levelled.texts, levelled.programs, levelled.is_base, strict=True
    ):
        terms = terms_of(text)
        count.update(terms)
        if not is_base:
            own |= terms
        for term in terms:
            users[term].add(program)
    fewest = FEWEST_TEXTS if len(levelled.texts) >= SMALL else 1
    kept = [
        term
        for term, texts in sorted(count.items(), key=lambda each: (-each[1], each[0]))
        if texts >= fewest and (term in own or len(users[term]) >= FEWEST_USERS)
    ]
    return sorted(kept[:MOST_TERMS]) or sorted(count)


def weights(levelled: Levelled) -> Floats:
    """Return the weight of each text.

    Texts of programs with many, of a program's commonest level, and of the commonest of the four
    groups of levels, count less. Texts of many logs count more.
    """
    by_program = Counter(levelled.programs)
    by_both = Counter(zip(levelled.programs, levelled.levels, strict=True))
    evened = np.array(
        [
            (by_program[program] * by_both[program, level]) ** -EVENING
            for program, level in zip(levelled.programs, levelled.levels, strict=True)
        ]
    )
    weight: Floats = evened * np.sqrt(1.0 + np.log(np.asarray(levelled.counts, np.float64)))
    group = GROUPS[ranks_of(levelled.levels)]
    for each in np.unique(group):
        weight[group == each] /= weight[group == each].sum() ** BALANCE
    weight *= len(weight) / weight.sum()
    return weight


def habits(levelled: Levelled) -> dict[str, list[float]]:
    """Return of each source of the installation by how much each level, as LEVELS, is likelier
    than a text alone would say.

    Logs count by their logarithm, by groups of levels: what a source never says becomes unlikely,
    and what it says a million times does not drown what it says a hundred times.
    """
    logs: defaultdict[str, Floats] = defaultdict(lambda: np.zeros(GROUPS.max() + 1))
    for source, level, count, is_base in zip(
        levelled.programs, levelled.levels, levelled.counts, levelled.is_base, strict=True
    ):
        if not is_base:
            logs[source][GROUPS[RANKS[level]]] += count
    found = {}
    for source, counts in sorted(logs.items()):
        common = 1 + np.log1p(counts)
        shares = (common / common.sum()) ** HABIT
        found[source] = [round(float(share), 4) for share in shares[GROUPS]]
    return found


def ranks_of(levels: list[str]) -> Ranks:
    """Return the rank of each level, [n]."""
    return np.array([RANKS[level] for level in levels], np.int64)


def probabilities(model: Pipeline, texts: list[str]) -> Floats:
    """Return the probabilities of all six levels, [n, 6]; 0 for levels that the model lacks."""
    found = np.zeros((len(texts), len(LEVELS)))
    if texts:
        found[:, ranks_of([str(label) for label in model.classes_])] = model.predict_proba(texts)
    return found


def folds(levelled: Levelled) -> npt.NDArray[np.int64]:
    """Return the fold of each text: whole programs go to the fold with fewest texts, the largest
    first; with few programs, equal texts go together."""
    programs = Counter(levelled.programs)
    keys = levelled.programs if len(programs) >= FEWEST_PROGRAMS else levelled.texts
    filled = [0] * FOLDS
    fold_of: dict[str, int] = {}
    for key, texts in Counter(keys).most_common():
        fold_of[key] = filled.index(min(filled))
        filled[fold_of[key]] += texts
    return np.array([fold_of[key] for key in keys])


def temperature(levelled: Levelled) -> float:
    """Return the temperature at which texts left out of the fit, fold by fold, are judged as
    surely as they are judged rightly."""
    fold = folds(levelled)
    said = np.zeros((len(levelled.texts), len(LEVELS)))
    judged = np.zeros(len(levelled.texts), bool)
    for each in np.unique(fold):
        inside, outside = np.flatnonzero(fold != each).tolist(), np.flatnonzero(fold == each)
        part = levelled.pick(inside)
        if len(set(part.levels)) < 2:
            continue
        said[outside] = probabilities(fit_plain(part), levelled.pick(outside.tolist()).texts)
        judged[outside] = True
    return best_temperature(said[judged], ranks_of(levelled.levels)[judged])


def macro_f1(true: Ranks, said: Ranks) -> float:
    """Return F1 averaged over the groups that occur in `true`."""
    table = np.bincount(true * 4 + said, minlength=16).reshape(4, 4)
    present = table.sum(1) > 0
    total = (table.sum(0) + table.sum(1))[present]
    return float((2.0 * table.diagonal()[present] / total).mean())


def evaluate(levelled: Levelled) -> dict[str, float]:
    """Return accuracy and macro-F1 on the texts that appeared last, after fitting on the others.

    Only the installation's own texts are judged; texts that also appear in the earlier part are
    left out: they would be remembered, not judged.
    """
    own = [at for at, is_base in enumerate(levelled.is_base) if not is_base]
    late = own[len(own) - len(own) // HELD_OUT :]
    early = levelled.pick(sorted(set(range(len(levelled.texts))) - set(late)))
    known = set(early.texts)
    late = [at for at in late if levelled.texts[at] not in known]
    if len(set(early.levels)) < 2 or not late:
        return {"count_held_out": 0.0}
    judged = levelled.pick(late)
    found = weighed(probabilities(fit(early), judged.texts), habits(early), judged.programs)
    true, said = ranks_of(judged.levels), found.argmax(1)
    return {
        "count_held_out": float(len(late)),
        "held_out_accuracy": float(accuracy_score(true, said)),
        "held_out_macro_f1": float(f1_score(true, said, average="macro", zero_division=0)),
    }
