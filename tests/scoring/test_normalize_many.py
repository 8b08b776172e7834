"""Many texts at once: nothing but what each alone gives."""

import time
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scoring.normalize import MAX_BYTES, mask_digits, mask_ids, words
from scoring.normalize_many import mask_ids_of_all, words_of_all
from tests.scoring.test_normalize import HOSTILE, TEXTS

IDS = st.lists(
    st.sampled_from(
        [
            *("0", "00", "00000", "a", "F", "deadbeef", "0x", "x0", "-", "-0000-", "-aaaa-", ":"),
            *("::", "<*>", " ", "_", "é", "s", " ms", ".", "00:00:00:00:00:00", "0:0:0:0:0:0:0:0"),
            *("00000000-0000-0000-0000-000000000000", "aaaaaaaa-aaaa-0000-aaaa-aaaaaaaaaaaa"),
        ]
    ),
    max_size=20,
).map("".join)
BYTES = st.one_of(TEXTS, IDS).map(lambda text: text.encode("utf-8", "replace"))
MASKED = st.lists(
    st.one_of(BYTES, st.binary(max_size=60)).map(lambda text: mask_digits(text.replace(b"\0", b"")))
)


@settings(max_examples=500, deadline=None)
@given(MASKED)
@example([])
@example([b"", b""])
def test_ids_and_words_of_all_are_those_of_each(texts: list[bytes]) -> None:
    masked = mask_ids_of_all(texts)
    assert masked == [mask_ids(text) for text in texts]
    assert words_of_all(masked) == [words(text) for text in masked]


def test_texts_are_cut_before_their_numbers_are_shortened() -> None:
    texts = [b"0" * (MAX_BYTES - 4) + b" beyond", b"0 beyond"]
    assert words_of_all(texts) == [words(text) for text in texts] == ["<*> bey", "<*> beyond"]


@pytest.mark.parametrize("stage", [words_of_all, mask_ids_of_all])
def test_no_texts_take_long(stage: Callable[[list[bytes]], object]) -> None:
    texts = [(one + other).encode() * 2_000 for one, other in product(HOSTILE, HOSTILE)]
    started = time.process_time()
    stage(texts)
    assert time.process_time() - started < 10
