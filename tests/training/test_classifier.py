"""The level classifier learns from what the logs are, not from how they came."""

import random

from training import classifier
from training.dataset import Levelled
from training.export import export_classifier

PROGRAMS = [f"program{number}" for number in range(9)]
"""So many that folds leave out whole programs."""
WORDS = {
    "ERROR": ["failed", "refused", "broken"],
    "WARN": ["slow", "retrying", "deprecated"],
    "INFO": ["started", "listening", "ready"],
    "DEBUG": ["entering", "value", "cached"],
}


def made(chance: random.Random) -> Levelled:
    """Return texts of all programs and levels, some of a base corpus, some twice."""
    found = Levelled([], [], [], [], [])
    for program in PROGRAMS:
        for level, words in WORDS.items():
            texts = [
                " ".join(chance.choices([*words, "the", "<*>", "of"], k=chance.randint(1, 6)))
                for _ in range(8)
            ]
            is_base = program in PROGRAMS[:4]
            found += Levelled(
                texts, [level] * 8, [chance.randint(1, 99)] * 8, [program] * 8, [is_base] * 8
            )
    return found


def test_equal_logs_make_the_same_model_in_whatever_order_they_came() -> None:
    chance = random.Random(5)
    levelled = made(chance)
    shuffled = levelled.pick(chance.sample(range(len(levelled.texts)), len(levelled.texts)))
    assert shuffled.texts != levelled.texts
    one, other = (export_classifier(classifier.fit(each)) for each in (levelled, shuffled))
    assert one == other


def test_what_a_source_never_said_becomes_less_likely_and_base_programs_have_no_habits() -> None:
    levels = ["INFO", "INFO", "WARN", "ERROR"]
    levelled = Levelled(
        ["a", "b", "c", "d"], levels, [10, 90, 9, 5], [*["calm"] * 3, "base"], [*[False] * 3, True]
    )
    found = classifier.habits(levelled)
    assert list(found) == ["calm"]
    trace, debug, info, warn, error, fatal = found["calm"]
    assert trace == debug == error == fatal
    assert 0 < error < warn < info < 1
