"""JSON that is no log line, or not quite, is kept as text with the reason."""

import pytest

from ingest.formats.json_lines import LIMIT_DEPTH
from ingest.read import Reading
from tests.ingest.logs import entries_of

JSON = Reading(format="json")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"msg": "cut off', "Unterminated string"),
        ('{"msg": NaN}', "NaN is not JSON"),
        ('{"a": 1} trailing', "Extra data"),
        ('["a"]', "does not look like it"),
        ('"text"', "does not look like it"),
        ('{"n": ' + "9" * 5000 + "}", "integer string conversion"),
        ('{"a":' * 65 + "1" + "}" * 65, f"nested deeper than {LIMIT_DEPTH}"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, f"nested deeper than {LIMIT_DEPTH}"),
        ('{"a":' + "[" * 100_000 + "]" * 100_000 + "}", f"nested deeper than {LIMIT_DEPTH}"),
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_json_object_is_kept_as_it_was(line: str, reason: str) -> None:
    (entry,) = entries_of(line, JSON)
    assert entry.message == line
    assert entry.error is not None and reason in entry.error


def test_nesting_up_to_the_limit_is_read() -> None:
    (entry,) = entries_of('{"a":' * 64 + "1" + "}" * 64, JSON)
    assert entry.error is None


def test_a_time_that_is_none_is_kept_among_the_attributes_with_the_reason() -> None:
    (entry,) = entries_of('{"time":"yesterday","msg":"hello","level":"info"}', JSON)
    assert (entry.message, entry.level) == ("hello", "info")
    assert entry.attributes == {"time": "yesterday"}
    assert entry.error == "'yesterday' is not a time in a known shape"


def test_the_strongest_name_wins_and_the_others_stay_attributes() -> None:
    (entry,) = entries_of(
        '{"event":"e","message":"m","logger":"l","service":"s","ts":1795514400,"name":"n","pid":1}',
        JSON,
    )
    assert (entry.message, entry.source) == ("m", "s")
    assert entry.attributes == {"event": "e", "logger": "l", "name": "n", "pid": 1}


def test_names_that_may_be_anything_play_their_role_only_in_known_company() -> None:
    (entry,) = entries_of(
        '{"msg":"started","name":"node1","priority":5,"event":{"id":1},"s":"x","ts":1795514400}',
        JSON,
    )
    assert (entry.source, entry.level) == ("app", None)
    assert entry.attributes == {"name": "node1", "priority": 5, "event": {"id": 1}, "s": "x"}


def test_empty_and_null_fields_state_nothing() -> None:
    (entry,) = entries_of('{"msg":"m","message":null,"level":"","service":null}', JSON)
    assert (entry.message, entry.level, entry.source) == ("m", None, "app")


def test_values_that_are_not_text_become_text_where_text_is_needed() -> None:
    (entry,) = entries_of('{"msg":{"a":[1,"é"]},"service":7,"level":true}', JSON)
    assert (entry.message, entry.source, entry.level) == ('{"a": [1, "é"]}', "7", "true")
