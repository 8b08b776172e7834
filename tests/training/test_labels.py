"""The labels of captured lines: the rule, what was read of them, and the figures that are told."""

import re
from collections import Counter
from pathlib import Path

import pytest

from training.capture import corpus, labels

PAGE = (Path(__file__).parents[2] / "docs" / "labels.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("program", ["apache-error", "mariadb", "cron"])
def test_a_line_is_anomalous_in_a_window_that_reached_its_program_by_words_of_no_other_time(
    program: str,
) -> None:
    lines = list(labels.labelled(program))
    ordinary = {labels.template(line.text.encode()) for line in lines if line.fault is None}
    anomalous = [line for line in lines if line.is_anomalous]
    assert anomalous
    for line in anomalous:
        assert line.fault is not None
        assert line.is_affected
        assert labels.template(line.text.encode()) not in ordinary
    assert labels.changed(lines) == []


def test_every_line_that_was_read_is_in_the_corpus() -> None:
    for each in labels.reviewed():
        assert 0 < each["number"] <= corpus.facts(each["run"])["files"][each["file"]]["lines"]


def test_a_reason_is_given_where_rule_and_eye_differ_and_nowhere_else() -> None:
    for each in labels.reviewed():
        assert ("cause" in each) is (each["rule"] is not each["eye"])


def test_the_page_tells_the_agreement_that_the_verdicts_have() -> None:
    found = labels.reviewed()
    figures = labels.agreement([(each["rule"], each["eye"]) for each in found])
    assert figures["count_lines"] == 300
    for words, name in (
        ("all | 300 |", "agreement"),
        ("the rule says anomalous | 134 |", "agreement_where_anomalous"),
        ("the rule says ordinary | 166 |", "agreement_where_ordinary"),
    ):
        assert re.search(rf"{re.escape(words)} \**{figures[name]:.1%}".replace("%", " %"), PAGE)
    assert f"**{figures['kappa']:.2f}**" in PAGE
    causes = Counter(each["cause"] for each in found if "cause" in each)
    assert dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", PAGE, re.M)) == {
        cause: str(count) for cause, count in causes.items()
    }


def test_agreement_by_chance_alone_has_kappa_zero() -> None:
    pairs = [(rule, eye) for rule in (True, False) for eye in (True, False)]
    assert labels.agreement(pairs)["kappa"] == 0
    assert labels.agreement([(True, True), (False, False)])["kappa"] == 1
