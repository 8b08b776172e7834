"""The format is told from the first lines, by what reads most of them."""

import pytest

from ingest.detect import LEAST_SHARE, SAMPLE_BYTES, SAMPLE_LINES
from ingest.errors import BadOption
from ingest.read import Reading
from tests.ingest.logs import log_of

PYTHON = "2026-11-24 10:00:00,123 INFO app.a: ok\n"
ACCESS = '10.0.0.1 - - [24/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5\n'


def detected(content: str) -> str:
    return log_of(content).detection.format.name


def test_the_larger_share_wins() -> None:
    assert detected(PYTHON * 5 + ACCESS * 6) == "access"
    assert detected(PYTHON * 6 + ACCESS * 5) == "python"


def test_lines_of_stack_traces_do_not_count_against_a_format() -> None:
    assert detected((PYTHON + "  at somewhere\n" * 50) * 4) == "python"


def test_a_few_lines_that_look_like_it_make_no_format() -> None:
    prose = "The level was set.\n" * int(1 / LEAST_SHARE) * 10
    assert detected(prose + "INFO:root:like a log\n" * 9) == "plain"


@pytest.mark.parametrize("content", ["", "\n\n", " \n", "hello\n"])
def test_a_log_without_structure_is_plain_text(content: str) -> None:
    assert detected(content) == "plain"


def test_prose_with_an_equals_sign_is_not_logfmt() -> None:
    assert detected("the level=high water mark was reached, msg=none\n" * 20) == "plain"


def test_only_the_first_lines_are_looked_at() -> None:
    found = log_of(PYTHON * SAMPLE_LINES + ACCESS * 1000).detection
    assert (found.format.name, found.share, found.count_lines) == ("python", 1.0, SAMPLE_LINES)


def test_the_sample_is_bounded_in_bytes_too() -> None:
    long = f"{PYTHON[:-1]} {'x' * (SAMPLE_BYTES // 4)}\n"
    assert log_of(long * 20).detection.count_lines <= 5


def test_a_format_that_is_told_is_taken_and_its_share_said() -> None:
    found = log_of(PYTHON * 3 + ACCESS, Reading(format="access")).detection
    assert (found.format.name, found.share) == ("access", 0.25)


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(BadOption, match=r"no format is named 'apache'; there are json, .*plain"):
        log_of(PYTHON, Reading(format="apache"))
