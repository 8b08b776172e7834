"""`scoring.normalize` for many texts at once: the same results for less work a text.

Ids are looked for only in those texts in which there may be some. Behind them and the addresses no
rule asks for the length of a number, so that every run of zeros becomes one zero: of the texts
left, which differ in lengths of numbers more than in words, one of each has its words found.
"""

from collections.abc import Sequence

import numpy as np

from scoring.normalize import MAX_BYTES, mask_addresses, mask_ids, readable_words

_END, _DIGIT, _LETTER, _DASH, _ELSE = 0, 1, 2, 4, 8
_SIGNS = {_END: b"\0", _DIGIT: b"0", _LETTER: b"ABCDEFXabcdefx", _DASH: b"-"}
_KINDS = bytes(
    next((kind for kind, codes in _SIGNS.items() if code in codes), _ELSE) for code in range(256)
)
"""What each byte may be of an id; the product of two kinds tells which two they are."""

SAMPLE = 100
"""Texts by which to tell whether most have ids: then looking for those that have takes longer."""


def mask_ids_of_all(texts: Sequence[bytes]) -> list[bytes]:
    """Return digit-masked `texts`, none with NUL in it, each as `mask_ids` gives it."""
    first = texts[:SAMPLE]
    if 2 * sum(_may_have_ids(first)) > len(first):
        return mask_ids(b"\0".join(texts)).split(b"\0")
    masked = list(texts)
    at = [each for each, may_have in enumerate(_may_have_ids(texts)) if may_have]
    if at:
        found = mask_ids(b"\0".join([masked[each] for each in at])).split(b"\0")
        for each, text in zip(at, found, strict=True):
            masked[each] = text
    return masked


def _may_have_ids(texts: Sequence[bytes]) -> list[bool]:
    """Return of each text whether it has a digit beside a letter, as every id has, or dashes as far
    apart as in a UUID, which may do without."""
    kinds = np.frombuffer(b"\0".join([*texts, b""]).translate(_KINDS), np.uint8)
    may_begin = np.zeros(len(kinds), np.bool_)
    may_begin[:-1] = kinds[1:] * kinds[:-1] == _DIGIT * _LETTER
    dashes = kinds == _DASH
    may_begin[:-10] |= dashes[10:] & dashes[5:-5] & dashes[:-10]
    sizes = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
    starts = np.cumsum(sizes) - sizes
    may_have: list[bool] = np.logical_or.reduceat(may_begin, starts).tolist()
    return may_have


def words_of_all(texts: Sequence[bytes]) -> list[str]:
    """Return of each of some id-masked texts, none with NUL in it, what `words` gives."""
    if not texts:
        return []
    joined = b"\0".join([text[:MAX_BYTES] for text in texts]).decode("utf-8", "replace")
    masked = "\0".join(map(mask_addresses, joined.split("\0")))
    short = _with_single_zeros(masked.encode()).decode().split("\0")
    found = {text: readable_words(text) for text in dict.fromkeys(short)}
    return [found[text] for text in short]


def _with_single_zeros(text: bytes) -> bytes:
    """Return `text` with one zero in place of every run of them."""
    codes = np.frombuffer(text, np.uint8)
    others = codes != ord("0")
    kept = np.ones(len(codes), np.bool_)
    np.logical_or(others[1:], others[:-1], out=kept[1:])
    return codes[kept].tobytes()
