"""Each format reads the lines that its programs write, and no other format takes them first."""

from datetime import UTC, datetime

import pytest

from ingest.detect import detect
from ingest.formats import FORMATS, format_named
from ingest.formats.format import Format
from ingest.lines import Line
from ingest.times import Times
from tests.ingest.samples import SAMPLES, Expected

CASES = [(name, line, expected) for name, lines in SAMPLES.items() for line, expected in lines]


def times() -> Times:
    return Times(UTC, datetime(2026, 11, 24, 6, 0, tzinfo=UTC))


@pytest.mark.parametrize(("name", "line", "expected"), CASES)
def test_a_line_is_read_into_the_fields_it_states(name: str, line: str, expected: Expected) -> None:
    entry = format_named(name).parse(line, times())
    assert entry is not None
    for field, value in expected.items():
        if field == "at":
            found = entry.logged_at and entry.logged_at.isoformat()
            assert found == value
        elif field == "attributes":
            assert {key: entry.attributes.get(key) for key in value} == value
        else:
            assert getattr(entry, field) == value


@pytest.mark.parametrize("name", SAMPLES)
def test_a_log_of_one_format_is_detected_as_that(name: str) -> None:
    lines: list[Line] = [(line, None) for line, _ in SAMPLES[name]]
    found = detect(lines, times())
    assert (found.format.name, found.share) == (name, 1.0)


@pytest.mark.parametrize(("name", "line", "expected"), CASES)
def test_a_single_line_is_enough_to_detect_its_format(
    name: str, line: str, expected: Expected
) -> None:
    assert detect([(line, None)], times()).format.name == name


def test_every_format_but_plain_text_has_samples() -> None:
    assert set(SAMPLES) == set(FORMATS) - {"plain"}


@pytest.mark.parametrize("form", FORMATS.values(), ids=lambda form: form.name)
@pytest.mark.parametrize(
    "line",
    [
        "a" * 5_000_000,
        "2026-11-24 10:00:00 " + "[" * 1_000_000,
        "2026-11-24 10:00:00,123 INFO " + "a." * 1_000_000,
        '10.0.0.1 - - [24/Nov/2026:10:00:00 +0000] "' + "\\" * 1_000_000,
        'a="' + "\\" * 1_000_001,
        "a=b " * 500_000,
        '<13>1 - - - - - [a b="' + "\\" * 1_000_000,
        "<13>1 - - - - - " + "[a]" * 300_000,
        "[" * 1_000_000,
        " " * 1_000_000 + "x",
        "{" + '"a":{' * 100_000,
        "1795514400.573 98 10.0.0.1 A/200 1 GET " + "a " * 500_000,
        "<13>Nov 24 05:00:00 " + "a " * 500_000,
        "2026-11-24 10:00:00 UTC " + "A" * 1_000_000 + ":  ",
        "2026-11-24 10:00:00 UTC " + "A:  " * 300_000,
        "Nov 24 05:00:00 " + "a:" * 500_000,
        "2026/11/24 10:00:00 [error] 1#1: x, client: " + ", client: " * 100_000,
        "[Wed Jan 29 00:00:02 2025] [error] " + "[client " * 100_000,
    ],
    ids=lambda line: line[:24],
)
@pytest.mark.timeout(5)
def test_a_line_of_megabytes_made_to_be_slow_is_not(form: Format, line: str) -> None:
    try:
        entry = form.parse(line, times())
    except (ValueError, OverflowError, OSError):
        return
    assert entry is None or len(entry.message) + len(str(entry.attributes)) > 0
