"""How much is masked: nothing, what the rules know, or all but words."""

import re

from redaction.rules import masked

OFF, FULL, TEMPLATE = MODES = ("off", "full", "template")

_QUOTED = re.compile(r"\"[^\"\n]*\"|(?<!\w)'[^'\n]*'(?!\w)|(?<==)[^\s,;]+")
_WORD = re.compile(r"[^\s\"'=,;()\[\]{}<>]+")
_VALUE = re.compile(r"[\d/\\@]")


def mode_named(name: str, default: str = OFF) -> str:
    """Return the mode `name`, or `default` for none.

    ValueError if there is no such mode, for a slip must not mean off.
    """
    mode = name.strip().lower() or default
    if mode not in MODES:
        raise ValueError(f"no redaction is named {name!r}; expected one of {', '.join(MODES)}")
    return mode


def words_alone(text: str) -> str:
    """Return `masked(text)` with `[value]` for whatever may be one."""
    unquoted = _QUOTED.sub("[value]", masked(text))
    return _WORD.sub(lambda found: "[value]" if _VALUE.search(found[0]) else found[0], unquoted)
