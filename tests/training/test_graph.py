"""The graph that looks words up says what TF-IDF and the linear model say."""

import random

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from scoring.model import ROWS_A_CALL, Classifier, open_session
from training.export import export_classifier

WORDS = [*"abcdefgh", "<*>", "über", "x" * 32]
ODD = ["<*>", "unknown", "a", "a " * 99 + "a", " ".join(["unknown"] * 100), "ü €"]


def texts(chance: random.Random, count: int, most_words: int) -> list[str]:
    return [" ".join(chance.choices(WORDS, k=chance.randint(1, most_words))) for _ in range(count)]


def fitted(levels: list[str], ngrams: tuple[int, int], most_terms: int | None) -> Pipeline:
    chance = random.Random(7)
    learned = texts(chance, 300, 12)
    model = make_pipeline(
        TfidfVectorizer(
            lowercase=False,
            token_pattern=r"\S+",
            ngram_range=ngrams,
            max_features=most_terms,
            dtype=np.float32,
        ),
        LogisticRegression(C=10.0),
    )
    return model.fit(learned, [levels[at % len(levels)] for at in range(len(learned))])


@pytest.mark.parametrize("levels", [["INFO", "ERROR"], ["INFO", "WARN", "ERROR", "FATAL"]])
@pytest.mark.parametrize(
    ("ngrams", "most_terms"),
    [((1, 1), None), ((1, 2), None), ((1, 2), 20), ((2, 2), None)],
    ids=["words", "pairs too", "few", "pairs alone"],
)
def test_it_says_the_same(
    levels: list[str], ngrams: tuple[int, int], most_terms: int | None
) -> None:
    model = fitted(levels, ngrams, most_terms)
    labels = [str(label) for label in model.classes_]
    exported = Classifier(open_session(export_classifier(model)), labels)
    asked = ODD + texts(random.Random(8), 3 * ROWS_A_CALL, 100)
    found = exported.levels(asked).probabilities[:, exported.columns]
    assert np.abs(found - model.predict_proba(asked)).max() < 1e-5


def test_it_names_the_most_probable_level() -> None:
    model = fitted(["INFO", "WARN", "ERROR"], (1, 2), None)
    session = open_session(export_classifier(model))
    asked = texts(random.Random(9), 50, 20)
    (labels,) = session.run(["label"], {"text": np.array(asked, object).reshape(-1, 1)})
    assert labels.tolist() == model.predict(asked).tolist()


def test_the_same_model_gives_the_same_bytes() -> None:
    model = fitted(["INFO", "WARN", "ERROR"], (1, 2), None)
    assert export_classifier(model) == export_classifier(model)
