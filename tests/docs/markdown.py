"""What the documents hold: links, headings, and the commands in fenced blocks."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^ *```(\w*) *(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!\\)\]\(\s*<?([^)\s>]+)>?[^)]*\)|(?:src|href)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
_CODE = re.compile(r"`[^`\n]*`")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the word behind it, its text without indentation."""

    language: str
    word: str
    text: str


def documents() -> list[Path]:
    """Return every Markdown file that is, or is about to be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        check=True, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    return [ROOT / name for name in sorted(listed.stdout.split()) if (ROOT / name).is_file()]


def blocks(path: Path) -> list[Block]:
    """Return the fenced blocks of `path` in their order."""
    found = []
    for match in _FENCE.finditer(path.read_text()):
        language, word, text = match.groups()
        lines = text.splitlines()
        indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
        found.append(Block(language, word, "".join(line[indent:] + "\n" for line in lines)))
    return found


def prose(path: Path) -> str:
    """Return the text of `path` without its fenced blocks."""
    return _FENCE.sub("", path.read_text())


def links(path: Path) -> list[str]:
    """Return the targets of the links and pictures in `path`."""
    text = _CODE.sub("", prose(path))
    return [markdown or html for markdown, html in _LINK.findall(text)]


def anchors(path: Path) -> set[str]:
    """Return the fragments that the headings of `path` can be reached by, as GitHub makes them."""
    slugs: set[str] = set()
    for heading in _HEADING.findall(prose(path)):
        plain = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        number, slug = 0, plain
        while slug in slugs:
            number += 1
            slug = f"{plain}-{number}"
        slugs.add(slug)
    return slugs
