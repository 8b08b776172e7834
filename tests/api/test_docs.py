"""docs/api.md says what the table of actions says, and its examples work."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from api import _access, _connections, _cross_origin, _writing
from api._actions import ACTIONS, FORMAT, Action
from api._parameters import read_all
from tests.api.conftest import Ask

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\S+)\n(.*?)(?=^### |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def parameters(action: Action) -> list[tuple[str, str, str, str]]:
    formats = () if action.table is None else (FORMAT,)
    fields = [one for write in action.writes for one in write.parameters]
    return [
        (
            one.name,
            ("required: " if one.is_required else "") + one.expected,
            str(one.schema.get("default", "")),
            one.about,
        )
        for one in (*action.parameters, *formats, *fields)
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


@pytest.mark.parametrize("action", [a for a in ACTIONS.values() if a.writes], ids=lambda a: a.name)
def test_the_examples_of_bodies_are_such(ask: Ask, action: Action) -> None:
    bodies = re.findall(r"^`POST /api/\S+` `(.*)`$", SECTIONS[action.name], re.MULTILINE)
    document = ask("openapi.json").json["paths"][f"/api/{action.name}"]["post"]
    schema = document["requestBody"]["content"]["application/json"]["schema"]
    assert len(bodies) == len(action.writes)
    for body, write in zip(bodies, action.writes, strict=True):
        Draft202012Validator(schema).validate(json.loads(body))
        read_all(write.parameters, _writing.fields("application/json", body.encode()))


def test_the_settings_are_those_that_are_read() -> None:
    named = set(re.findall(r"^\| `([A-Z_]+)` \|", PAGE, re.MULTILINE))
    assert named == {
        *("DATABASE_URL", _connections.WRITER),
        *(_access.VARIABLE, _cross_origin.VARIABLE),
    }
    assert all(f"`{scope}`" in PAGE for scope in _access.SCOPES)
