"""The page knows the same names of levels as the scorer."""

import re

from scoring.levels import LEVELS, declared
from tests.dashboard.conftest import ROOT


def test_names_of_levels_stand_for_the_same_as_in_the_scorer() -> None:
    source = (ROOT / "dashboard" / "src" / "levels.ts").read_text(encoding="utf-8")
    names = dict(re.findall(r'^  ([A-Z]+): "([^"]+)"', source, re.MULTILINE))
    assert tuple(names) == LEVELS
    for level, words in names.items():
        assert {declared(word) for word in words.split()} == {level}
    known = sum(len(words.split()) for words in names.values())
    # Nor does the page know fewer.
    scorer = (ROOT / "scoring" / "levels.py").read_text(encoding="utf-8")
    assert known == sum(
        len(words.split())
        for words in re.findall(r'^    "[A-Z]+": "([^"]+)"', scorer, re.MULTILINE)
    )
