"""Times in all their shapes, and the ones that are none."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ingest.errors import BadOption
from ingest.times import SHAPES, Times, time_zone


def times(reference: str = "2026-11-24T06:00:00+00:00", zone: str = "UTC") -> Times:
    return Times(time_zone(zone), datetime.fromisoformat(reference))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24 10:00:00,123", "2026-11-24T10:00:00.123000+00:00"),
        ("2026-11-24T10:00:00.123456789Z", "2026-11-24T10:00:00.123456+00:00"),
        ("2026-11-24 10:00:00 +0130", "2026-11-24T10:00:00+01:30"),
        ("2026/11/24 10:00:00", "2026-11-24T10:00:00+00:00"),
        ("2026-11-24 10:00", "2026-11-24T10:00:00+00:00"),
        ("2026-11-24  9:00:00", "2026-11-24T09:00:00+00:00"),
        ("17/May/2015:10:05:03 -0700", "2015-05-17T10:05:03-07:00"),
        ("24-Nov-2026 10:00:00.123", "2026-11-24T10:00:00.123000+00:00"),
        ("Wed Jan 29 00:00:02.5 2025", "2025-01-29T00:00:02.500000+00:00"),
        ("Tue, 24 Nov 2026 10:00:00 +0100", "2026-11-24T10:00:00+01:00"),
        ("Nov 24, 2026 12:00:00 AM", "2026-11-24T00:00:00+00:00"),
        ("1795514400", "2026-11-24T10:00:00+00:00"),
        ("1795514400.25", "2026-11-24T10:00:00.250000+00:00"),
        ("1795514400123", "2026-11-24T10:00:00.123000+00:00"),
    ],
)
def test_text_is_read_by_its_shape(text: str, expected: str) -> None:
    assert times().read(text).isoformat() == expected


@pytest.mark.parametrize(
    "value",
    [1795514400, 1795514400.0, 1795514400000, 1795514400000000, 1795514400000000000],
)
def test_a_number_is_seconds_ms_us_or_ns_by_its_size(value: float) -> None:
    assert times().read(value) == datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "2026-02-31 10:00:00",
        "2026-11-24 25:00:00",
        12.5,
        1e30,
        float("nan"),
        True,
        None,
        [],
        10**40,
        "9" * 400,
        "Tue, 99 Nov 99999999999 10:00:00 +0100",
    ],
)
def test_what_is_no_time_raises_value_error(value: object) -> None:
    with pytest.raises(ValueError):
        times().read(value)


@pytest.mark.parametrize(
    ("text", "reference", "expected"),
    [
        ("Nov 24 05:59:59", "2026-11-24T06:00:00+00:00", "2026-11-24T05:59:59+00:00"),
        ("Dec 31 23:59:59", "2026-01-01T00:00:10+00:00", "2025-12-31T23:59:59+00:00"),
        ("Jan  1 00:00:01", "2025-12-31T23:59:59+00:00", "2026-01-01T00:00:01+00:00"),
        ("Feb 29 12:00:00", "2026-11-24T06:00:00+00:00", "2024-02-29T12:00:00+00:00"),
        ("Feb 29 12:00:00", "1903-06-01T00:00:00+00:00", "1896-02-29T12:00:00+00:00"),
        ("Nov 26 00:00:00", "2026-11-24T06:00:00+00:00", "2025-11-26T00:00:00+00:00"),
    ],
)
def test_a_day_without_year_is_the_latest_one_before_the_last_write(
    text: str, reference: str, expected: str
) -> None:
    assert SHAPES["bsd"][1](times(reference), text).isoformat() == expected


def test_a_day_without_year_is_never_in_the_future_nor_a_year_off_for_a_wrong_zone() -> None:
    reader = Times(UTC)
    local = datetime.now(UTC) + timedelta(hours=5)
    found = SHAPES["bsd"][1](reader, f"{local:%b %d %H:%M:%S}")
    assert (found, reader.count_ahead) == (reader.now, 1)


def test_a_reference_in_the_future_counts_as_now() -> None:
    reader = Times(UTC, datetime.now(UTC) + timedelta(days=400))
    assert reader.reference <= datetime.now(UTC)


def test_a_clock_without_day_is_of_the_last_day_on_which_it_was_past() -> None:
    assert times().clock("05:00:00").isoformat() == "2026-11-24T05:00:00+00:00"
    assert times().clock("07:00:00").isoformat() == "2026-11-23T07:00:00+00:00"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", "2026-07-01T10:00:00+00:00"),
        ("CEST", "2026-07-01T10:00:00+02:00"),
        ("PDT", "2026-07-01T10:00:00-07:00"),
        ("+03", "2026-07-01T10:00:00+03:00"),
        (None, "2026-07-01T10:00:00+05:45"),
    ],
)
def test_an_abbreviated_zone_is_known(zone: str | None, expected: str) -> None:
    found = times(zone="Asia/Kathmandu").zoned("2026-07-01 10:00:00", zone)
    assert found.isoformat() == expected


def test_an_abbreviation_of_the_default_zone_is_known_whatever_it_is() -> None:
    assert times(zone="Asia/Kolkata").zoned("2026-07-01 10:00:00", "IST").utcoffset() == timedelta(
        hours=5, minutes=30
    )


def test_an_unknown_abbreviation_is_an_error_not_a_guess() -> None:
    with pytest.raises(ValueError, match="'XYZ' is not known"):
        times().zoned("2026-07-01 10:00:00", "XYZ")


@pytest.mark.parametrize("name", ["Europe/Atlantis", "", "../etc/passwd", "+99:00", "\0"])
def test_a_wrong_zone_says_what_is_expected(name: str) -> None:
    with pytest.raises(BadOption, match="Europe/Berlin"):
        time_zone(name)


def test_a_zone_may_be_an_offset() -> None:
    assert time_zone("-03:30") == timezone(-timedelta(hours=3, minutes=30))
