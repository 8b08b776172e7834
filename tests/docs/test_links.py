"""Every link inside the repository leads somewhere."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.docs.markdown import ROOT, anchors, documents, links

ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:")


def broken(path: Path) -> list[str]:
    """Return the links of `path` that lead nowhere."""
    found = []
    for link in links(path):
        if ELSEWHERE.match(link):
            continue
        name, _, fragment = unquote(link).partition("#")
        target = (path.parent / name).resolve() if name else path
        is_inside = target.is_relative_to(ROOT) or not path.is_relative_to(ROOT)
        if not is_inside or not target.exists():
            found.append(f"{link}: there is no such file")
        elif fragment and (target.suffix != ".md" or fragment not in anchors(target)):
            found.append(f"{link}: there is no such heading")
    return found


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    assert broken(path) == []


def test_the_documents_people_look_for_are_there() -> None:
    names = {path.name for path in documents()}
    assert names >= {"README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"}


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "# One two\n[ok](#one-two) [file](a.md#one-two) [out](https://example.com/x)\n"
        "`[code](none.md)`\n```\n[block](none.md)\n```\n"
        "[gone](b.md) [also](a.md#three) ![picture](c.png)\n"
    )
    assert [each.partition(":")[0] for each in broken(tmp_path / "a.md")] == [
        "b.md",
        "a.md#three",
        "c.png",
    ]
