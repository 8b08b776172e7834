"""docs/api.md says what the table of actions says, and its examples work."""

import re
from pathlib import Path

import pytest

from api import _access, _cross_origin
from api._actions import ACTIONS, FORMAT, Action
from tests.api.conftest import Ask

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\S+)\n(.*?)(?=^### |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def parameters(action: Action) -> list[tuple[str, str, str, str]]:
    formats = () if action.table is None else (FORMAT,)
    return [
        (
            one.name,
            ("required: " if one.is_required else "") + one.expected,
            str(one.schema.get("default", "")),
            one.about,
        )
        for one in (*action.parameters, *formats)
    ]


def test_every_action_has_its_section_in_the_order_of_the_table() -> None:
    assert list(SECTIONS) == list(ACTIONS)


@pytest.mark.parametrize("action", ACTIONS.values(), ids=list(ACTIONS))
def test_a_section_says_what_the_table_says(action: Action) -> None:
    section = SECTIONS[action.name]
    assert section.split("\n\n")[0].strip() == action.about
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", section, re.MULTILINE)
    assert [tuple(cell.strip() for cell in row) for row in rows] == parameters(action)


@pytest.mark.parametrize("name", ACTIONS)
def test_the_example_of_an_action_works(ask: Ask, name: str) -> None:
    examples = re.findall(r"^`GET /api/(\S+)`$", SECTIONS[name], re.MULTILINE)
    assert examples
    for example in examples:
        assert ask(example).status == 200


def test_the_settings_are_those_that_are_read() -> None:
    named = set(re.findall(r"^\| `([A-Z_]+)` \|", PAGE, re.MULTILINE))
    assert named == {"DATABASE_URL", _access.VARIABLE, _cross_origin.VARIABLE}
    assert all(f"`{scope}`" in PAGE for scope in _access.SCOPES)
