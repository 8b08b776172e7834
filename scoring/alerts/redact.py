"""Secrets and persons masked in what leaves the house: the lines that an alert quotes."""

import re
from collections.abc import Callable

_SECRET_NAME = r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|auth)"
_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    # user:password@ of an address
    (re.compile(r"(?<=://)[^\s/:@]{0,200}:[^\s/@]{1,200}(?=@)"), "[credentials]"),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?"), "[token]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), r"\1 [token]"),
    (
        re.compile(
            rf"(?i)({_SECRET_NAME}\w{{0,20}}[\"']?\s{{0,3}}[=:]\s{{0,3}})([\"']?)[^\s\"',;&]+"
        ),
        r"\1\2[secret]",
    ),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), "[key]"),
    (re.compile(r"\b(?:gh[pousr]|github_pat|glpat|xox[abprs]|sk|pk|rk)[_-][\w-]{16,}"), "[key]"),
    (re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"), "[e-mail]"),
    (re.compile(r"(?<![\w.])(?:\d[ -]?){12,18}\d(?![\w.])"), lambda found: _card(found[0])),
    (re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)"), "[ip]"),
    (re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}(?![\w:])"), "[ip]"),
    (
        re.compile(
            r"(?<![\w:])(?=[0-9A-Fa-f:]*::)(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{1,4}(?![\w:])"
        ),
        "[ip]",
    ),
    (
        re.compile(r"\b(?=[A-Za-z0-9_-]*\d)(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_-]{32,}\b"),
        "[token]",
    ),
)


def redacted(text: str) -> str:
    """Return `text` with addresses, credentials, tokens, keys and card numbers masked."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text


def _card(digits: str) -> str:
    """Return a mask for a number whose check digit is that of a card, else the number."""
    numbers = [int(letter) for letter in reversed(digits) if letter.isdigit()]
    doubled = [sum(divmod(2 * number, 10)) for number in numbers[1::2]]
    return "[card]" if (sum(numbers[::2]) + sum(doubled)) % 10 == 0 else digits
