"""Log text made harmless: bounded, without controls, and in each channel's own quotes.

What a log says is shown as a quotation only, never as markup. The rules are those of the channels:
https://api.slack.com/reference/surfaces/formatting#escaping (`&`, `<`, `>` as entities),
https://spec.commonmark.org/0.31.2/#fenced-code-blocks (a fence longer than any run inside).
"""

import re
import unicodedata

ELLIPSIS = "…"
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Controls, terminal escapes, reordering and zero-width characters, halves of characters."""
_BACKTICKS = re.compile(r"`+")


def plain(text: str, most: int) -> str:
    """Return `text` as one line of at most `most` characters, with nothing invisible in it."""
    shown = "".join(_visible(letter) for letter in text[: 4 * most].strip())
    shown = re.sub(r" {2,}", " ", shown)
    return shown if len(shown) <= most else shown[: most - 1] + ELLIPSIS


def _visible(letter: str) -> str:
    if letter in "\r\n\t\v\f\u2028\u2029":
        return " "
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(letter) in _INVISIBLE else letter


def entities(text: str) -> str:
    """Return `text` with the three characters escaped that Slack reads as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quoted(text: str) -> str:
    """Return a line as code that Slack, Mattermost and Discord leave alone.

    They know no longer fences, so that a backtick inside becomes a look-alike.
    """
    return f"`{text.replace('`', 'ˋ') or ' '}`"


def fenced(text: str) -> str:
    """Return lines as a block of code in Markdown."""
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
