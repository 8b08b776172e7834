"""The words that select logs mean what they say, or are refused with what was expected."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.__main__ import main, parser, selection
from scoring.selection import EVERYTHING, Selection, SelectionError, moment, shard

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def selected(*words: str) -> Selection:
    return selection(parser().parse_args(list(words)))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("90m", "2026-11-24T10:30:00+00:00"),
        ("6h", "2026-11-24T06:00:00+00:00"),
        ("30d", "2026-10-25T12:00:00+00:00"),
        (" 6 h ", "2026-11-24T06:00:00+00:00"),
        ("0m", "2026-11-24T12:00:00+00:00"),
        ("2026-01-31", "2026-01-31T00:00:00+00:00"),
        ("2026-01-31T12:00", "2026-01-31T12:00:00+00:00"),
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00+00:00"),
        ("2026-01-31T12:00:00+02:00", "2026-01-31T12:00:00+02:00"),
    ],
)
def test_a_time_is_a_date_or_a_span_back(given: str, expected: str) -> None:
    assert moment(given, NOW) == expected


@pytest.mark.parametrize(
    "given",
    [
        "",
        "yesterday",
        "6",
        "h",
        "6w",
        "-6h",
        "6h ago",
        "2026-13-01",
        "1d; drop table x",
        "٣h",
        "9" * 30 + "d",
        "999999999d",
    ],
)
def test_what_is_no_time_is_refused_with_what_would_be(given: str) -> None:
    with pytest.raises(SelectionError, match=r"expected .*6h, 30d") as raised:
        moment(given, NOW)
    assert repr(given) in str(raised.value) or given in str(raised.value)


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_a_shard_is_a_share_of_several(number: int, more: int) -> None:
    assert shard(f"{number}/{number + more}") == (number, number + more)


@pytest.mark.parametrize(
    "given", ["", "1", "0/4", "5/4", "1/0", "-1/4", "1/4/2", "a/b", "1.0/2", "1/"]
)
def test_what_is_no_shard_is_refused(given: str) -> None:
    with pytest.raises(SelectionError, match=r"expected I/N with 1 <= I <= N, as in 2/4"):
        shard(given)


def test_without_words_it_is_the_last_day_of_everything() -> None:
    found = selected()
    since = datetime.fromisoformat(found.since)
    assert abs(datetime.now(UTC) - timedelta(hours=24) - since) < timedelta(minutes=1)
    assert (found.until, found.source, found.shard_name, found.most) == (
        *("infinity", None, "1/1", EVERYTHING),
    )


def test_words_select() -> None:
    found = selected(
        *("--since", "2026-01-01", "--until", "2026-02-01", "--source", "a'b"),
        *("--shard", "2/3", "--limit", "10"),
    )
    assert found == Selection(
        "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00", "a'b", 2, 3, 10
    )
    assert selected("--all").since == "-infinity"


@pytest.mark.parametrize(
    "words",
    [
        ("--all", "--since", "6h"),
        ("--since", "soon"),
        ("--until", "soon"),
        ("--shard", "3/2"),
        ("--limit", "many"),
        ("--limit", "-1"),
        ("--limit", "9" * 30),
        ("--watch", "0"),
        ("--watch", "nan"),
        ("--watch", "inf"),
        ("--watch", "1e300"),
        ("--source", "\udcff"),  # How a byte comes that is no UTF-8.
        ("--no-such-word",),
    ],
)
def test_wrong_words_exit_with_2_before_anything_is_touched(
    words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql:///nowhere?host=/no/such/folder")
    with pytest.raises(SystemExit) as raised:
        main(["--folder", str(tmp_path), *words])
    assert raised.value.code == 2
    said = capsys.readouterr().err
    assert "error: " in said
    assert "Traceback" not in said
