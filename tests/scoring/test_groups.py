"""Groups: a minute of a unit is judged at once; what is ordinary is written by the hour."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.features import FEATURES, History, matrix, observe
from scoring.groups import HOUR, MINUTE, Groups, by_the_hour, start_of
from scoring.rows import Chunk
from tests.scoring.made import INFINITY, chunked, random_logs
from tests.scoring.rows_of import Log


@pytest.mark.parametrize("span", [HOUR, MINUTE])
def test_spans_start_on_the_clock_before_2000_and_at_infinity_too(span: int) -> None:
    times = np.array([0, 1, span - 1, span, -1, -span, -span - 1, INFINITY, -INFINITY - 1])
    assert start_of(span, times).tolist() == [
        *(0, 0, 0, span, -span, -span, -2 * span, INFINITY, -INFINITY - 1)
    ]


def test_a_group_is_one_unit_in_a_minute() -> None:
    logs = [
        Log(at, second * MINUTE // 60, source, None, text)
        for at, (second, source, text) in enumerate(
            [
                (99, "a", "up"),
                (3602, "a", "up"),
                (61, "a", "up"),
                (70, "b", "up"),
                (3659, "a", "up"),
            ]
        )
    ]
    _, units, groups = chunked(logs)
    assert [unit.source for unit in units] == ["a", "b"]
    found = zip(
        groups.unit.tolist(),
        *(groups.began_at.tolist(), groups.hour_at.tolist(), groups.count.tolist()),
        *(groups.first.tolist(), groups.last.tolist()),
        *(groups.first_at.tolist(), groups.last_at.tolist()),
        strict=True,
    )
    assert sorted(found) == [
        (0, MINUTE, 0, 2, 0, 2, 61_000_000, 99_000_000),
        (0, HOUR, HOUR, 2, 1, 4, 3602_000_000, 3659_000_000),
        (1, MINUTE, 0, 1, 3, 3, 70_000_000, 70_000_000),
    ]
    assert groups.began_at[groups.of_log].tolist() == [MINUTE, HOUR, MINUTE, MINUTE, HOUR]


def test_nothing_has_no_groups() -> None:
    _, units, groups = chunked([])
    assert len(groups) == 0
    facts = observe(History(), units, groups)
    none = np.zeros(0)
    assert matrix(facts, none.astype(np.intp), np.zeros((0, 6), np.float32), none).shape == (
        0,
        len(FEATURES),
    )
    written, judged = by_the_hour(groups, none.astype(np.bool_), none.astype(np.float32))
    assert (len(written), len(judged)) == (0, 0)


def members(groups: Groups, chunk: Chunk) -> dict[int, list[int]]:
    """Return the places of the logs of each group, which is described by them alone."""
    found: dict[int, list[int]] = {}
    for place, at in enumerate(groups.of_log.tolist()):
        found.setdefault(at, []).append(place)
    for at, places in found.items():
        times = chunk.logged_at[places]
        assert groups.count[at] == len(places)
        assert (groups.first[at], groups.last[at]) == (min(places), max(places))
        assert (groups.first_at[at], groups.last_at[at]) == (min(times), max(times))
        assert set(chunk.units[places].tolist()) == {groups.unit[at]}
        assert set(start_of(HOUR, times).tolist()) == {groups.hour_at[at]}
    assert sorted(found) == list(range(len(groups)))
    return found


@settings(max_examples=50, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(2, 300), st.sampled_from([0, 0.1, 1]))
def test_what_is_ordinary_is_written_by_hour_and_tenth_and_anomalies_as_they_were_judged(
    chance: random.Random, size: int, share: float
) -> None:
    chunk, _, groups = chunked(random_logs(chance, size))
    judged_of = members(groups, chunk)
    is_anomaly = np.array([chance.random() < share for _ in range(len(groups))])
    score = np.array([chance.choice((0, 1, chance.random())) for _ in judged_of], np.float32)
    written, judged = by_the_hour(groups, is_anomaly, score)
    tenths = np.minimum(np.floor(score * 10), 9)
    for at, places in members(written, chunk).items():
        if is_anomaly[judged[at]]:
            assert places == judged_of[int(judged[at])]
        else:
            merged = np.unique(groups.of_log[places])
            assert not is_anomaly[merged].any()
            assert len(set(tenths[merged])) == 1
            assert score[judged[at]] == score[merged].max()
    quiet = zip(groups.unit, groups.hour_at, tenths, strict=True)
    by_hour = {key for key, loud in zip(quiet, is_anomaly, strict=True) if not loud}
    assert len(written) == is_anomaly.sum() + len(by_hour)


def test_units_and_hours_without_end_stay_apart() -> None:
    # Together they are more than 32 bits hold: of four hours the second unit would be the first.
    units = np.repeat(np.array([0, 2**30], np.int32), 4)
    hours = np.tile(np.arange(4) * HOUR, 2)
    places = np.arange(8)
    groups = Groups(places, units, hours, np.ones(8, np.int64), places, places, hours, hours)
    whole, judged = by_the_hour(groups, np.zeros(8, np.bool_), np.zeros(8, np.float32))
    assert len(whole) == 8
    assert whole.unit[whole.of_log].tolist() == units.tolist()
    assert sorted(judged.tolist()) == places.tolist()
