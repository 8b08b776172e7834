"""Facts and features, against small cases worked out by hand and against brute force."""

import math
from collections import defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.features import (
    BY_CHANCE,
    DETAIL,
    FEATURES,
    FEW_LOGS,
    LATEST,
    MATURE_AFTER,
    MATURE_IN,
    NOVELTY_HALVES_IN,
    Facts,
    History,
    Seen,
    logs_before,
    logs_beside,
    matrix,
    minutes_of,
    observe,
)
from scoring.groups import EARLIEST, END, HOUR, MINUTE, group, start_of
from scoring.levels import LEVELS, RANKS
from scoring.rows import Chunk, Unit, UnitTable
from tests.scoring.made import INFINITY, chunk_of, chunked
from tests.scoring.rows_of import Log, rows_of


def logs_of(*given: tuple[int, str, str]) -> list[Log]:
    """Return logs of (time, source, message), numbered from 1."""
    return [Log(at, time, source, None, text) for at, (time, source, text) in enumerate(given, 1)]


FEW = logs_of(
    (10 * MINUTE, "a", "up"),
    (70 * MINUTE, "a", "up"),
    (5 * MINUTE, "a", "up"),
    (20 * MINUTE, "b", "up"),
    (30 * MINUTE, "a", "down"),
    (75 * MINUTE, "a", "up"),
)


TIMES = st.one_of(
    st.integers(0, 6).map(lambda hours: hours * HOUR),
    st.integers(0, 4 * MINUTE),
    st.integers(-HOUR, 5 * HOUR),
    st.sampled_from([INFINITY, -INFINITY - 1, EARLIEST - 1, EARLIEST, END - 1, END]),
)
LOGS = st.lists(
    st.builds(
        Log,
        id=st.integers(1, 10**6),
        logged_at=TIMES,
        source=st.sampled_from(["a", "b", "c"]),
        level=st.sampled_from([None, "INFO"]),
        message=st.sampled_from(["up", "down", "on fire"]),
    ),
    min_size=1,
    max_size=40,
)


def test_facts_are_what_was_seen_before() -> None:
    _, units, groups = chunked(FEW)
    history = History()
    facts = observe(history, units, groups)
    by_group = {
        (units[unit].source, units[unit].text, began_at // MINUTE): at
        for at, (unit, began_at) in enumerate(
            zip(groups.unit.tolist(), groups.began_at.tolist(), strict=True)
        )
    }
    # In the order of time, not of arrival: the third log, of five past, comes first.
    ups = [by_group["a", "up", minute] for minute in (5, 10, 70, 75)]
    assert facts.age_hours[ups].tolist() == pytest.approx([0, 5 / 60, 65 / 60, 70 / 60])
    assert facts.count_before[ups].tolist() == [0, 1, 2, 3]
    assert facts.source_before[ups].tolist() == [0, 1, 3, 4]
    assert facts.count[ups].tolist() == facts.source_count[ups].tolist() == [1, 1, 1, 1]
    # The share of the past, half a log and one log added, of what the source has in the minute.
    assert facts.expected[ups].tolist() == pytest.approx([0.5 / 1, 1.5 / 2, 2.5 / 4, 3.5 / 5])
    assert facts.source_before[by_group["b", "up", 20]] == 0
    assert facts.source_before[by_group["a", "down", 30]] == 2
    assert history.sources == {"a": Seen(5 * MINUTE, 5), "b": Seen(20 * MINUTE, 1)}
    assert history.templates["a", "up"] == Seen(5 * MINUTE, 4)


@pytest.mark.parametrize("wrong", [EARLIEST - 1, END, INFINITY, -INFINITY - 1])
def test_a_wrong_clock_says_nothing_of_the_age_of_a_source(wrong: int) -> None:
    history = History()
    for logs in (
        logs_of((wrong, "a", "up")),
        logs_of((5 * MINUTE, "a", "up"), (65 * MINUTE, "a", "down"), (wrong, "a", "up")),
    ):
        _, units, groups = chunked(logs)
        facts = observe(history, units, groups)
        hours = {0, 1} if len(logs) > 1 else {0}
        assert set(facts.source_hours.tolist()) == hours
    assert history.sources == {"a": Seen(5 * MINUTE, 4)}
    assert history.templates["a", "up"].first_at == min(wrong, 5 * MINUTE)


def test_what_is_expected_is_the_share_of_the_past() -> None:
    history = History()
    table = UnitTable()
    units: list[Unit] = []
    for ups, downs in ((30, 10), (2, 6)):
        logs = [Log(1, 0, message="up")] * ups + [Log(1, 0, message="down")] * downs
        chunk = table.chunk(rows_of(logs))
        units += chunk.new_units
        facts = observe(history, units, group(chunk))
    assert facts.count.tolist() == [2, 6]
    assert facts.source_count.tolist() == [8, 8]
    assert facts.count_before.tolist() == [30, 10]
    # The second template began after two logs of the other.
    assert facts.expected.tolist() == pytest.approx([8 * 30.5 / 41, 8 * 10.5 / 43])


@settings(max_examples=200, deadline=None)
@given(LOGS, st.lists(st.integers(0, 40), max_size=5))
def test_history_is_the_same_wherever_chunks_are_cut(logs: list[Log], cuts: list[int]) -> None:
    history, table, units = History(), UnitTable(), list[Unit]()
    bounds = sorted({0, len(logs), *(cut for cut in cuts if cut < len(logs))})
    for start, end in pairwise(bounds):
        chunk = table.chunk(rows_of(logs[start:end]))
        units += chunk.new_units
        observe(history, units, group(chunk))
    by_source, by_template = defaultdict[str, list[int]](list), defaultdict[Any, list[int]](list)
    for log in logs:
        by_source[log.source].append(log.logged_at)
        by_template[log.source, log.message].append(log.logged_at)
    assert history.sources == {
        key: (min((each for each in at if EARLIEST <= each < END), default=LATEST), len(at))
        for key, at in by_source.items()
    }
    assert history.templates == {key: (min(at), len(at)) for key, at in by_template.items()}


@settings(max_examples=200, deadline=None)
@given(LOGS)
def test_hours_at_once_give_the_facts_of_batches_of_a_minute(logs: list[Log]) -> None:
    whole, units = chunk_of(logs)
    at_once = observe(History(), units, group(whole))
    groups = group(whole)
    of_unit = {
        (unit, began_at): at
        for at, (unit, began_at) in enumerate(
            zip(groups.unit.tolist(), groups.began_at.tolist(), strict=True)
        )
    }
    history = History()
    for began_at in np.unique(groups.began_at):
        places = np.flatnonzero(start_of(MINUTE, whole.logged_at) == began_at)
        batch = Chunk(whole.ids[places], whole.logged_at[places], whole.units[places], [], False)
        few = group(batch)
        facts = observe(history, units, few)
        same = [of_unit[unit, int(began_at)] for unit in few.unit.tolist()]
        for name in Facts.__dataclass_fields__:
            assert getattr(facts, name).tolist() == getattr(at_once, name)[same].tolist(), name


@settings(max_examples=200, deadline=None)
@given(LOGS)
def test_logs_of_the_source_before_and_beside_a_group_are_counted_one_by_one(
    logs: list[Log],
) -> None:
    chunk, units = chunk_of(logs)
    groups = group(chunk)
    sources = [units[unit].source for unit in groups.unit.tolist()]
    kind = np.array([sorted(set(sources)).index(source) for source in sources])
    minute = minutes_of(kind, groups)
    before, beside = logs_before(kind, minute, groups), logs_beside(minute, groups)
    minutes = start_of(MINUTE, chunk.logged_at).tolist()
    order = [(began_at, place) for place, began_at in enumerate(minutes)]
    for at, first in enumerate(groups.first.tolist()):
        ours = [place for place, log in enumerate(logs) if log.source == logs[first].source]
        assert before[at] == sum(order[place] < order[first] for place in ours)
        assert beside[at] == sum(minutes[place] == minutes[first] for place in ours)


def facts_of(**given: float) -> Facts:
    """Return the facts of one group; what is not given is 0."""
    kinds: dict[str, Any] = dict.fromkeys(("age_hours", "source_hours", "expected"), np.float64)
    return Facts(
        **{
            name: np.array([given.get(name, 0)], kinds.get(name, np.int64))
            for name in Facts.__dataclass_fields__
        }
    )


def features(
    declared: str = "", level: str = "INFO", unseen: float = 0, **given: float
) -> dict[str, float]:
    """Return the features of one group by name."""
    probabilities = np.zeros((1, len(LEVELS)), np.float32)
    probabilities[0, LEVELS.index(level)] = 1
    rank = np.array([RANKS.get(declared, -1)])
    found = matrix(facts_of(**given), rank, probabilities, np.array([unseen]))
    assert found.dtype == np.float32
    return dict(zip(FEATURES, found[0].tolist(), strict=True))


def test_a_usual_log_has_no_feature_that_stands_out() -> None:
    usual: dict[str, Any] = {"source_before": 1000, "count_before": 1000, "age_hours": 1000}
    found = features("INFO", count=10, source_count=10, expected=10, **usual)
    assert found == dict.fromkeys(FEATURES, 0)


def test_what_is_new_to_an_old_source_is_novel_and_what_is_new_to_a_new_one_is_not() -> None:
    # Half mature, by its logs or by its age; and half as new.
    assert features(source_before=MATURE_AFTER)["novelty"] == pytest.approx(0.5)
    assert features(source_hours=MATURE_IN)["novelty"] == pytest.approx(0.5)
    both = features(source_before=MATURE_AFTER, source_hours=9 * MATURE_IN)
    assert both["novelty"] == pytest.approx(0.9)
    aged = features(source_before=MATURE_AFTER, age_hours=NOVELTY_HALVES_IN)
    assert aged["novelty"] == pytest.approx(0.25)
    assert features(source_before=0)["novelty"] == 0


def test_what_came_often_is_not_new() -> None:
    often = features(source_before=MATURE_AFTER, count_before=7)
    assert often["novelty"] == pytest.approx(0.5 / 4)


def test_many_more_than_expected_are_a_burst() -> None:
    count = 64 - BY_CHANCE
    found = features(
        source_before=MATURE_AFTER, count=count, source_count=16 * count - FEW_LOGS, expected=0
    )["burst"]
    assert found == pytest.approx(0.5 * 0.5 * math.log2(64 / BY_CHANCE))


def test_the_same_burst_counts_less_in_a_large_batch_and_few_logs_make_none() -> None:
    alone = features(source_before=10**6, count=60, source_count=60, expected=1)["burst"]
    among = features(source_before=10**6, count=60, source_count=6000, expected=1)["burst"]
    one = features(source_before=10**6, count=1, source_count=1, expected=0)["burst"]
    assert alone > 2 * among > 4 * one


@pytest.mark.parametrize("level", ["TRACE", "DEBUG"])
def test_news_and_bursts_of_details_weigh_less(level: str) -> None:
    found, usual = (
        features(declared, source_before=10**6, count=60, source_count=60)
        for declared in (level, "INFO")
    )
    for name in ("novelty", "burst"):
        assert found[name] == pytest.approx(DETAIL * usual[name])
    assert usual == features("", source_before=10**6, count=60, source_count=60)


def test_fewer_than_expected_are_no_burst() -> None:
    assert features(source_before=10**6, count=1, source_count=100, expected=50)["burst"] == 0


def test_levels_and_words_count_as_they_are() -> None:
    found = features("DEBUG", "ERROR", unseen=0.25)
    assert found["unseen_words"] == 0.25
    assert found["error_probability"] == 1
    assert found["level_gap"] == LEVELS.index("ERROR") - LEVELS.index("DEBUG")
    assert found["declared_severity"] == 0
    assert features("FATAL", "INFO")["declared_severity"] == 1
    assert features("FATAL", "INFO")["level_gap"] == 0
    assert features("", "FATAL")["level_gap"] == 0
    assert features("", "WARN")["warning_probability"] == 1
