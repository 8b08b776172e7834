"""The one definition of normalised text: what makes two logs instances of the same template.

Three stages, each cheaper per log than the next and each leaving fewer distinct texts:

1. `mask_digits`: every digit becomes 0, a table look-up per byte.
2. `mask_ids`: hexadecimal ids, UUIDs and pointers become `<*>`, one regular expression.
3. `words`: what varies otherwise (numbers, paths, quoted values) becomes `<*>`; camelCase is split,
   punctuation dropped, the rest lower-cased: words between single spaces.

Stages compose: texts equal after one stage stay equal after the next, so a caller may
de-duplicate between stages and gets exactly what `normalize` gives text by text.

Few rules of the last stage look beyond a blank. Those are seen to first; what is left is taken
apart at blanks, and the words of each piece are looked up: few pieces make up most texts.
"""

import re

VERSION = 4
"""Goes into every template id and into the manifest; a change of any rule below raises it."""

MASK = "<*>"
_MASKED = f" {MASK} "
_TWO_MASKS = f"{MASK} {MASK}"
MAX_BYTES = 4000
"""What is looked at of a text; 100 words of 32 letters fit, so that twice is the same as once."""
MAX_WORDS = 100
MAX_LETTERS = 32

MOST_PIECES = 20_000
MAX_PIECE = 100
"""Pieces remembered before that memory starts anew, and letters of one: some 5 MB."""

_DIGITS = bytes(
    ord("0") if chr(code).isascii() and chr(code).isdigit() else code for code in range(256)
)

# Digits are zeros by now. A run of hexadecimal digits counts as an id from four on with a digit and
# a letter in it, so that words ("added", "feed") stay, and numbers, whose unit goes with them, are
# left to `words`. (Of random ids of twelve digits one in a hundred thousand is letters alone.)
# The first look decides nearly everywhere.
_IDS = re.compile(
    rb"""
    \b (?=[0-9A-Fa-f]{4}|0[xX]) (?<!_-)
    (?:
        0[xX][0-9A-Fa-f]+
      | [0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}
      | (?=[A-Fa-f]*0)(?=0*[A-Fa-f])[0-9A-Fa-f]{4,}
    )
    \b
    """,
    re.VERBOSE,
)

# IPv6 and MAC addresses, of whose groups some are masked as ids by now. They are seldom, and looked
# for only where two colons meet or as many stand as close together.
_GROUP = r"(?:[0-9A-Fa-f]{1,4}|<\*>)"
_CLOSE_COLONS = re.compile(rf":{_GROUP}(?::{_GROUP}){{4}}")
_ADDRESS = re.compile(
    rf"""
    (?<![\w:])
    (?:
        [0-9A-Fa-f]{{2}}(?::[0-9A-Fa-f]{{2}}){{5,}}+
      | {_GROUP}(?::{_GROUP}){{7}}
      | (?=[A-Fa-f:]*[0<]) (?:(?:{_GROUP}:)++|:) : (?:{_GROUP}(?::{_GROUP})*+)?
    )
    (?!\w)
    """,
    re.VERBOSE,
)

# Every alternative that could start anywhere in a word is tied to the word's beginning: a text
# without any blank then costs linear time. Quoted values are apart, since blanks may be in them;
# no other rule takes a quote but that for the name of an invalid user.
_QUOTED_RULES = r"""
    "(?<!\w")(?:[^"\\]++|\\.)*"(?!\s*:)                      # quoted values; quoted keys stay
  | '(?<!\w')(?:[^'\\\n]++|\\.)*'(?!\w)
    """
_UNIT_RULE = r"(?:[KMGT]i?B|[kmgt]b|B|bytes|[mun]?s|sec|seconds|min)\b"
# What all but the first are tied to is asked once: within words, which is nearly everywhere, one
# look decides instead of ten.
_OTHER_RULES = rf"""
    \x1b\[[0-9;?]*[A-Za-z]                                  # terminal colours
  | (?<!\w)(?:
    (?<![.+-])[A-Za-z][A-Za-z0-9+.-]*+://[^\s"'<>()\[\]]+   # addresses with a scheme
  | (?<![.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+                # mail addresses
  | (?<![.<\\/])(?:[A-Za-z]:)?(?:[\\/]++[\w.%@~+*:=-]++)++[\\/]*        # absolute paths
  | (?<![<.%@~+-])[\w.%@~+-]++(?:[\\/]+[\w.%@~+-]*0[\w.%@~+-]*)+       # others with a number
  | (?<==)(?![A-Z_]+(?!\w))[\w.:%@~+*/\\-]+                 # key=value; capitals are states
  | (?<==)<(?![A-Z_]+>)(?:[^<>\s"']|<\*>)*>                 # key=<value>
  | (?<=\bfor\ )\w+(?=\ from\b) | (?<=\binvalid\ user\ )\S+ # names of users in login attempts
  | (?<!\w[.+-])(?=\w*0|\w+[.+-])                          # whatever has a digit in it
    (?:\w|(?<=\w)[.+-](?=\w)|(?<=0)[:,](?=0))*0
    (?:\w|[.+-](?=\w)|[:,](?=0))*
    (?:\ ?{_UNIT_RULE})?                                    # and its unit
    )
    """
_VARIABLE = re.compile(f"{_QUOTED_RULES}|{_OTHER_RULES}", re.VERBOSE)
_QUOTED = re.compile(_QUOTED_RULES, re.VERBOSE)
_OTHERS = re.compile(_OTHER_RULES, re.VERBOSE)
# One of these is in whatever the others take, but for names of users.
_OTHERS_SIGN = re.compile(r"[0=/\\@\x1b]")
_UNIT = re.compile(_UNIT_RULE)
# Where a text is taken apart when a unit may belong to the number before it.
_BLANK = re.compile(rf" (?!{_UNIT_RULE})")
# What stands around words in sentences; no rule takes it where all else is letters.
_PUNCTUATION = ".,:;()[]"
_CAMEL = re.compile(r"(?=[A-Z])(?:(?<=[a-z])|(?<=[A-Z])(?=.[a-z]))")
# Names of users that no rule would take otherwise, and signs of others. (A pattern that begins
# with a blank is tried at blanks alone.)
_PLAIN_LOGIN = re.compile(
    r" (?<=r )(?:(?<=\bfor )\w+(?= from\b)|(?<=\binvalid user )[\w.-]+(?!\S))"
)
_ODD_LOGIN = re.compile(r"invalid user (?![\w.-]*(?!\S))")
# Again on the words, which may stand so only now: twice must be the same as once.
_LOGIN = re.compile(r" (?<=r )(?:(?<=\bfor )[^\W\d_]+(?= from\b)|(?<=\binvalid user )\S+)")
_WORD = re.compile(r"<\*>|[^\W\d_]+")
# Letters in lower case, NUL, which stands for a mask, and blanks for everything else.
_WORD_BYTES = bytes(
    code if code == 0 or (chr(code).isascii() and chr(code).isalpha()) else ord(" ")
    for code in range(256)
).lower()


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
    return readable_words(mask_addresses(text[:MAX_BYTES].decode("utf-8", "replace")))


def mask_addresses(readable: str) -> str:
    """Return id-masked `readable` with IPv6 and MAC addresses turned into `<*>`."""
    if "::" in readable or _CLOSE_COLONS.search(readable):
        return _ADDRESS.sub(_MASKED, readable)
    return readable


def readable_words(readable: str) -> str:
    """Return the words of a text without addresses: the rest of `words`.

    To these rules a run of zeros is as good as one.
    """
    named = _words_by_piece(readable) or _words(_VARIABLE.sub(_MASKED, readable))
    if _may_have_login(named):
        named = _LOGIN.sub(f" {MASK}", named)
    while _TWO_MASKS in named:
        named = named.replace(_TWO_MASKS, MASK)
    return named or MASK


def _may_have_login(text: str) -> bool:
    return "invalid user " in text or ("for " in text and " from" in text)


def _words_by_piece(text: str) -> str:
    """Return the words of `text`, looked up piece by piece; nothing where pieces do not tell."""
    is_quoting = '"' in text or "'" in text
    if _may_have_login(text):
        if is_quoting or _ODD_LOGIN.search(text):
            return ""
        text = _PLAIN_LOGIN.sub(_MASKED, text)
    elif is_quoting:
        text = _QUOTED.sub(_MASKED, text)
    named = "".join(map(PIECES.__getitem__, text.split(" ")))
    if "  " in named or named.startswith(" "):
        named = "".join(map(PIECES.__getitem__, _BLANK.split(text))).lstrip()
    return " ".join(named.split()[:MAX_WORDS]) if len(named) > 2 * MAX_WORDS else named[:-1]


class Pieces(dict[str, str]):
    """The words of each piece of text without blanks, each word with a blank behind it.

    One more blank stands before them where the piece begins with a unit: it may belong to the
    number before it, and must be looked up together with it.
    """

    def __missing__(self, piece: str) -> str:
        """Find the words of `piece`, and remember them unless it is long."""
        bare = piece.strip(_PUNCTUATION)
        if bare.isascii() and bare.isalpha() and bare[1:].islower():
            found = f"{bare[:MAX_LETTERS].lower()} "
        else:
            masked = _OTHERS.sub(_MASKED, piece) if _OTHERS_SIGN.search(piece) else piece
            found = f"{_words(masked)} ".lstrip()
        if _UNIT.match(piece):
            found = f" {found}"
        if len(piece) <= MAX_PIECE:
            if len(self) >= MOST_PIECES:
                self.clear()
            self[piece] = found
        return found


PIECES = Pieces()


def _words(masked: str) -> str:
    """Return the words of a text with its masks, as many and as much of each as counts."""
    spaced = masked if masked.islower() else _CAMEL.sub(" ", masked)
    return " ".join([word[:MAX_LETTERS] for word in split_words(spaced)[:MAX_WORDS]])


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
