"""The level classifier: words and pairs of words, weighted, and a linear model."""

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.pipeline import Pipeline, make_pipeline

from training.dataset import Levelled

MOST_TERMS = 60_000
HELD_OUT = 4
"""The last quarter of texts, by first appearance, is held out to measure."""


def pipeline() -> Pipeline:
    """Return the classifier, unfitted. Lower-casing is the normaliser's: in the exported graph it
    would need a locale that slim images lack."""
    return make_pipeline(
        TfidfVectorizer(
            lowercase=False,
            token_pattern=r"\S+",
            ngram_range=(1, 2),
            sublinear_tf=False,
            max_features=MOST_TERMS,
            dtype=np.float32,
        ),
        LogisticRegression(C=20.0, class_weight="balanced", max_iter=2000),
    )


def weights(counts: list[int]) -> npt.NDArray[np.float64]:
    """Return the weight of each text: frequent ones count more, but not by their number."""
    return 1.0 + np.log(np.asarray(counts, np.float64))


def fit(levelled: Levelled) -> Pipeline:
    """Return the classifier fitted on all of `levelled`."""
    model = pipeline()
    model.fit(
        levelled.texts,
        levelled.levels,
        logisticregression__sample_weight=weights(levelled.counts),
    )
    return model


def evaluate(levelled: Levelled) -> dict[str, float]:
    """Return accuracy and macro-F1 on the texts that appeared last, after fitting on the others.

    Texts that also appear in the earlier part are left out: they would be remembered, not judged.
    """
    cut = len(levelled.texts) - len(levelled.texts) // HELD_OUT
    early = Levelled(levelled.texts[:cut], levelled.levels[:cut], levelled.counts[:cut])
    known = set(early.texts)
    late = [at for at in range(cut, len(levelled.texts)) if levelled.texts[at] not in known]
    if len(set(early.levels)) < 2 or not late:
        return {"count_held_out": 0.0}
    said = fit(early).predict([levelled.texts[at] for at in late])
    true = [levelled.levels[at] for at in late]
    return {
        "count_held_out": float(len(late)),
        "held_out_accuracy": float(accuracy_score(true, said)),
        "held_out_macro_f1": float(f1_score(true, said, average="macro", zero_division=0)),
    }
