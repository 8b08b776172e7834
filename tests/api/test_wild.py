"""No query string, header or path makes the function fail."""

import string
from urllib.parse import quote, urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api._actions import ACTIONS
from tests.api.conftest import Ask

NAMES = sorted({one.name for action in ACTIONS.values() for one in action.parameters} | {"format"})
EDGES = (
    *("-1", "0", "1", "500", "501", "9223372036854775807", "-9223372036854775808", "1e3", "NaN"),
    *("2026-01-31", "0001-01-01", "9999-12-31T23:59:59.999999Z", "2026-02-30", "infinity"),
    *("1700000000000000~1", "-1~-9223372036854775809", "~", "999999999999999999~0", "-9~x"),
    *("true", "source", "top", "surging", "FATAL", "high,low", "INFO,INFO", ",", "csv"),
    *("%", "_", "\\", "'", "');--", "{}", "%(q)s", "%s", "\0", "\ud7ff", "𝄞" * 100, "x" * 501),
)
VALUES = st.one_of(
    st.sampled_from(EDGES),
    st.text(max_size=40),
    st.integers().map(str),
    st.datetimes().map(str),
)
WILD = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@WILD
@given(
    action=st.sampled_from([*ACTIONS, "nothing"]),
    given_=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4),
)
def test_no_value_of_a_parameter_makes_it_fail(
    ask: Ask, action: str, given_: dict[str, str]
) -> None:
    reply = ask(f"{action}?{urlencode(given_, errors='replace')}")
    assert reply.status in (200, 400, 404), reply.text


@WILD
@given(query=st.text(st.sampled_from(string.printable + "é\x00%&=+;"), max_size=60))
def test_no_query_string_makes_it_fail(ask: Ask, query: str) -> None:
    for path in (f"analyze?{query}", f"ml_lightweight?action=patterns&{query}", query):
        assert ask(path).status in (200, 400, 404)


@WILD
@given(
    accept=st.text(max_size=20),
    encoding=st.text(max_size=20),
    tag=st.text(max_size=20),
    authorization=st.text(max_size=20),
)
def test_no_header_makes_it_fail(
    ask: Ask, accept: str, encoding: str, tag: str, authorization: str
) -> None:
    headers = {"Accept": accept, "Accept-Encoding": encoding, "If-None-Match": tag}
    assert ask("batches", **headers).status in (200, 304)
    assert ask("batches", None, Authorization=authorization, **headers).status in (200, 304, 401)


@WILD
@given(path=st.text(max_size=30))
def test_no_path_makes_it_fail(ask: Ask, path: str) -> None:
    assert ask(quote(path)).status in (200, 400, 404)
