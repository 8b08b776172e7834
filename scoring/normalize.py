"""The one definition of normalised text: what makes two logs instances of the same template.

Three stages, each cheaper per log than the next and each leaving fewer distinct texts:

1. `mask_digits`: every digit becomes 0, a table look-up per byte.
2. `mask_ids`: hexadecimal ids, UUIDs and addresses become `<*>`, one regular expression.
3. `words`: what varies otherwise (numbers, paths, quoted values) becomes `<*>`; camelCase is split,
   punctuation dropped, the rest lower-cased: words between single spaces.

Stages compose: texts equal after one stage stay equal after the next, so a caller may
de-duplicate between stages and gets exactly what `normalize` gives text by text.
"""

import re

VERSION = 3
"""Goes into every template id and into the manifest; a change of any rule below raises it."""

MASK = "<*>"
MAX_BYTES = 4000
"""What is looked at of a text; 100 words of 32 letters fit, so that twice is the same as once."""
MAX_WORDS = 100
MAX_LETTERS = 32

_DIGITS = bytes(
    ord("0") if chr(code).isascii() and chr(code).isdigit() else code for code in range(256)
)

# Digits are zeros by now. A run of hexadecimal digits counts as an id from four on with a digit and
# a letter in it, so that words ("added", "feed") stay, and numbers, whose unit goes with them, are
# left to `words`. (Of random ids of twelve digits one in a hundred thousand is letters alone.)
_IDS = re.compile(
    rb"""
    (?<![0-9A-Za-z_]) (?<!_-)
    (?:
        0[xX][0-9A-Fa-f]+
      | [0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}
      | (?=[A-Fa-f]*0)(?=0*[A-Fa-f])[0-9A-Fa-f]{4,}
    )
    (?![0-9A-Za-z_])
    """,
    re.VERBOSE,
)

# Every alternative that could start anywhere in a word is tied to the word's beginning: a text
# without any blank then costs linear time. What all but the first are tied to is asked once: within
# words, which is nearly everywhere, one look decides instead of ten.
_VARIABLE = re.compile(
    r"""
    \x1b\[[0-9;?]*[A-Za-z]                                  # terminal colours
  | (?<!\w)(?:
    (?<![.+-])[A-Za-z][A-Za-z0-9+.-]*+://[^\s"'<>()\[\]]+   # addresses with a scheme
  | (?<![.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+                # mail addresses
  | "(?:[^"\\]|\\.)*"(?!\s*:)                              # quoted values; quoted keys stay
  | '(?:[^'\\\n]|\\.)*'(?!\w)
  | (?<![.<\\/])(?:[A-Za-z]:)?(?:[\\/]++[\w.%@~+*:=-]++)++[\\/]*        # absolute paths
  | (?<![<.%@~+-])[\w.%@~+-]++(?:[\\/]+[\w.%@~+-]*0[\w.%@~+-]*)+       # others with a number
  | (?<==)(?![A-Z_]+(?!\w))[\w.:%@~+*/\\-]+                 # key=value; capitals are states
  | (?<=\bfor\ )\w+(?=\ from\b) | (?<=\binvalid\ user\ )\S+ # names of users in login attempts
  | (?<!\w[.+-])(?=\w*0|\w+[.+-])                          # whatever has a digit in it
    (?:\w|(?<=\w)[.+-](?=\w)|(?<=0)[:,](?=0))*0
    (?:\w|[.+-](?=\w)|[:,](?=0))*
    (?:\ ?(?:[KMGT]i?B|[kmgt]b|B|bytes|[mun]?s|sec|seconds|min)\b)?     # and its unit
    )
    """,
    re.VERBOSE,
)
# Begins with a set of letters, for which the engine skips ahead.
_CAMEL = re.compile(r"[A-Z](?:(?<=[a-z].)|(?<=[A-Z].)(?=[a-z]))")
# Again on the words, which may stand so only now: twice must be the same as once.
_LOGIN = re.compile(r"(?<=\bfor )[^\W\d_]+(?= from\b)|(?<=\binvalid user )\S+")
_WORD = re.compile(r"<\*>|[^\W\d_]+")
# Letters in lower case, NUL, which stands for a mask, and blanks for everything else.
_WORD_BYTES = bytes(
    code if code == 0 or (chr(code).isascii() and chr(code).isalpha()) else ord(" ")
    for code in range(256)
).lower()
_REPEATED = re.compile(r"<\*>(?: <\*>)+")


def mask_digits(text: bytes) -> bytes:
    """Return `text` with every ASCII digit turned into 0; same length."""
    return text.translate(_DIGITS)


def mask_ids(text: bytes) -> bytes:
    """Return digit-masked `text` with hexadecimal ids turned into `<*>`.

    Works as well on many texts joined by NUL, which no text in PostgreSQL holds.
    """
    return _IDS.sub(b"<*>", text)


def words(text: bytes) -> str:
    """Return the words of id-masked `text` (UTF-8, errors replaced) between single spaces."""
    readable = text[:MAX_BYTES].decode("utf-8", "replace")
    masked = _VARIABLE.sub(f" {MASK} ", readable)
    found = split_words(_CAMEL.sub(r" \g<0>", masked))
    named = " ".join([word[:MAX_LETTERS] for word in found[:MAX_WORDS]])
    if "for " in named or "invalid user " in named:
        named = _LOGIN.sub(MASK, named)
    return _REPEATED.sub(MASK, named) or MASK


def split_words(text: str) -> list[str]:
    """Return the lower-case words of `text`, runs of letters, and its masks.

    What is ASCII alone, which is nearly all, needs no regular expression.
    """
    if not text.isascii():
        return _WORD.findall(text.lower())
    plain = text.replace("\0", " ").replace(MASK, " \0 ").encode()
    return plain.translate(_WORD_BYTES).decode().replace("\0", MASK).split()


def normalize(message: str) -> str:
    """Return the normalised text of `message`; idempotent, never empty, never raises."""
    return words(mask_ids(mask_digits(message.encode("utf-8", "replace"))))
