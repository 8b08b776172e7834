"""Pieces copied all at once land where they would one by one."""

import random

import numpy as np
import pytest

from scoring.pieces import copy_pieces


@pytest.mark.parametrize("longest", [3, 300, 70_000])
def test_pieces_are_copied_as_slices_would_be(chance: random.Random, longest: int) -> None:
    source = chance.randbytes(100_000)
    sizes = [chance.randint(1, longest) for _ in range(50)]
    source_at = [chance.randrange(len(source) - size + 1) for size in sizes]
    target_at = [sum(sizes[:number]) + number for number in range(len(sizes))]
    expected = bytearray(sum(sizes) + len(sizes))
    found = bytearray(expected)
    for size, at, to in zip(sizes, source_at, target_at, strict=True):
        expected[to : to + size] = source[at : at + size]
    copy_pieces(source, np.array(source_at), found, np.array(target_at), np.array(sizes))
    assert found == expected


def test_no_pieces_change_nothing() -> None:
    none = np.zeros(0, np.int64)
    target = bytearray(b"as it was")
    copy_pieces(b"", none, target, none, none)
    assert target == b"as it was"
