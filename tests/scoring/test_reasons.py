"""Reasons name what stands out, in words and figures a person can check."""

import numpy as np
import pytest

from scoring.features import FEATURES, Facts
from scoring.levels import LEVELS, declared
from scoring.reasons import Case, reasons, span


def case(**facts: float) -> Case:
    """Return a case of source `shop`, declared INFO, that reads like ERROR."""
    return Case(
        source="shop",
        declared_level="INFO",
        level="ERROR",
        probabilities=[0, 0, 0.03, 0, 0.97, 0],
        unseen=["frobnicate", "frobnicate", "quux"],
        facts=Facts(
            **{name: np.array([facts.get(name, 0)]) for name in Facts.__dataclass_fields__}
        ),
        at=0,
    )


def told(of: Case, **values: float) -> list[str]:
    """Return the reasons for features of the given values, the others 0."""
    assert values.keys() <= set(FEATURES)
    return reasons(of, [values.get(name, 0) for name in FEATURES])


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (0, "moments"),
        (1 / 60, "1 minute"),
        (0.5, "30 minutes"),
        (1, "1 hour"),
        (23.4, "23 hours"),
        (24, "1 day"),
        (24 * 2000, "2,000 days"),
    ],
)
def test_spans_are_told_in_the_largest_unit_that_fits(hours: float, said: str) -> None:
    assert span(hours) == said


def test_each_feature_that_stands_out_is_told_with_its_figures() -> None:
    new = case(source_before=12345, count=37, source_count=615, expected=0.2)
    assert told(new, novelty=1) == ["never seen before in 12,345 logs of shop"]
    young = case(age_hours=3, count_before=2)
    assert told(young, novelty=1) == ["first seen 3 hours earlier, 2 logs since"]
    assert told(new, burst=2) == ["37 of 615 logs of shop in a minute, 0.2 expected"]
    assert told(new, unseen_words=0.5) == ["words never seen in training: frobnicate, quux"]
    assert told(new, error_probability=0.97) == ["reads like ERROR (97%)"]
    assert told(new, declared_severity=1) == ["declared INFO"]
    assert told(new, level_gap=2) == ["declared INFO, reads like ERROR"]


def test_all_that_stands_out_is_told_and_nothing_twice() -> None:
    found = told(case(), error_probability=1, warning_probability=1, level_gap=2)
    assert found == ["reads like ERROR (97%)", "declared INFO, reads like ERROR"]


def test_when_nothing_stands_out_alone_the_nearest_is_told() -> None:
    found = told(case(count=2, source_count=9), burst=0.4, novelty=0.1)
    assert found == ["2 of 9 logs of shop in a minute, 0.0 expected"]


def test_a_long_source_does_not_fill_the_page() -> None:
    long = Case("x" * 10_000, "", "INFO", [1.0] + [0.0] * 5, [], case().facts, 0)
    assert max(map(len, told(long, novelty=1, burst=5))) < 200


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("warning", "WARN"),
        ("[ERROR]", "ERROR"),
        (" err: ", "ERROR"),
        ("<crit>", "FATAL"),
        ("notice", "INFO"),
        ("DEBUG5", "TRACE"),
        ("6", "INFO"),
        ("0", "FATAL"),
        ("PANIC", "FATAL"),
        (None, ""),
        ("", ""),
        ("nonsense", ""),
        ("x" * 10_000, ""),
    ],
)
def test_levels_are_told_by_the_names_that_programs_use(written: str | None, level: str) -> None:
    assert declared(written) == level


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_is_its_own_name(level: str) -> None:
    assert declared(level) == declared(level.lower()) == level
