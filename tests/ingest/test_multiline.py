"""Lines that belong together are one entry; lines that do not are not."""

import pytest

from ingest.lines import LIMIT_BYTES, NOTE_CUT
from ingest.multiline import FREE_LINES
from ingest.read import NOTE_AFTER, NOTE_BEFORE, NOTE_FILE, Reading
from tests.ingest.logs import WRITTEN, entries_of

TRACEBACK = """\
Traceback (most recent call last):
  File "shop.py", line 7, in order
    1 / 0
    ~~^~~
ZeroDivisionError: division by zero

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "shop.py", line 9, in order
    raise RuntimeError("no order") from None
RuntimeError: no order"""

JAVA_TRACE = """\
java.lang.IllegalStateException: no order
\tat org.example.Shop.order(Shop.java:7)
\tat java.base/java.lang.Thread.run(Thread.java:840)
Caused by: java.io.IOException: disk full
\tat org.example.Disk.write(Disk.java:3)
\t... 12 more"""


def test_a_python_traceback_stays_with_its_entry() -> None:
    first, second = entries_of(
        f"2026-11-24 10:00:00,123 ERROR app: failed\n{TRACEBACK}\n"
        "2026-11-24 10:00:01,123 INFO app: went on\n"
    )
    assert first.message == f"failed\n{TRACEBACK}"
    assert first.count_lines == 11
    assert second.message == "went on"


def test_a_java_stack_trace_stays_with_its_entry() -> None:
    first, second = entries_of(
        f"2026-11-24 10:00:00,123 ERROR [main] org.example.Shop - failed\n{JAVA_TRACE}\n"
        "2026-11-24 10:00:01,123 INFO [main] org.example.Shop - went on\n"
    )
    assert first.message == f"failed\n{JAVA_TRACE}"
    assert second.message == "went on"


def test_a_trace_in_a_json_log_is_one_entry_of_its_own_with_the_reason() -> None:
    json = '{"time":"2026-11-24T10:00:00Z","msg":"ok"}'
    before, trace, after = entries_of(f"{json}\n{TRACEBACK}\n{json}\n")
    assert (before.message, after.message) == ("ok", "ok")
    assert trace.message == TRACEBACK
    assert trace.error is not None and "JSON lines" in trace.error
    assert trace.logged_at == before.logged_at
    assert trace.notes == [NOTE_BEFORE]


@pytest.mark.parametrize("source", ["const x = y;", '{"EUR": {"fee": 0.01,', "  const x = y;"])
def test_a_crash_of_node_in_a_json_log_is_one_entry(source: str) -> None:
    json = '{"time":"2026-11-24T10:00:00Z","msg":"ok"}'
    crash = (
        f"/srv/app/server.js:8\n{source}\n          ^\n\nReferenceError: y is not defined\n"
        "    at Object.<anonymous> (/srv/app/server.js:8:11)\n\nNode.js v20.20.2"
    )
    _, entry, after = entries_of(f"{json}\n{crash}\n{json}\n")
    assert entry.message == crash
    assert after.message == "ok"


def test_postgresql_keeps_detail_hint_and_statement_as_attributes_of_their_entry() -> None:
    head = "2026-11-24 10:00:00.123 UTC [42] shop@shop "
    entries = entries_of(
        f"{head}ERROR:  deadlock detected\n"
        f"{head}DETAIL:  Process 42 waits for ShareLock.\n"
        "\tProcess 43 waits for ShareLock.\n"
        f"{head}HINT:  See server log for query details.\n"
        f"{head}STATEMENT:  update product\n\t  set stock = 0\n\t  where id = 7\n"
        f"{head}LOG:  statement: select 1,\n\t\t2\n"
    )
    assert [entry.message for entry in entries] == [
        "deadlock detected",
        "statement: select 1,\n\t2",
    ]
    assert entries[0].attributes == {
        "pid": 42,
        "user": "shop",
        "database": "shop",
        "detail": "Process 42 waits for ShareLock.\nProcess 43 waits for ShareLock.",
        "hint": "See server log for query details.",
        "statement": "update product\n  set stock = 0\n  where id = 7",
    }
    assert entries[0].count_lines == 7


def test_a_detail_of_another_process_does_not_join_a_strangers_entry() -> None:
    first, second = entries_of(
        "2026-11-24 10:00:00.123 UTC [42] ERROR:  one\n"
        "2026-11-24 10:00:00.124 UTC [43] DETAIL:  of another\n"
    )
    assert "detail" not in first.attributes
    assert "of another" in second.message


def test_nginx_message_of_several_lines_keeps_the_request_that_ends_it() -> None:
    (entry,) = entries_of(
        '2026/11/24 10:00:00 [error] 1#1: *7 FastCGI sent in stderr: "PHP message: Fatal\n'
        "Stack trace:\n#0 {main}\n"
        '  thrown in /srv/a.php on line 3" while reading response, client: 10.0.0.1, server: _\n'
        "2026/11/24 10:00:01 [notice] 1#1: exiting\n"
    )[:1]
    assert entry.message.endswith('Stack trace:\n#0 {main}\n  thrown in /srv/a.php on line 3"'
                                  " while reading response")  # fmt: skip
    assert entry.attributes["client"] == "10.0.0.1"


def test_java_util_logging_puts_level_and_text_on_the_second_line() -> None:
    entries = entries_of(
        "Nov 24, 2026 3:05:09 PM org.example.Shop open\nWARNING: no stock\n"
        "Nov 24, 2026 3:05:10 PM org.example.Shop open\nINFO: open\n"
    )
    assert [(entry.level, entry.message) for entry in entries] == [
        ("WARNING", "no stock"),
        ("INFO", "open"),
    ]
    assert entries[0].attributes == {"logger": "org.example.Shop", "method": "open"}


def test_two_programs_in_one_file_are_each_read_as_what_they_are() -> None:
    access = '10.0.0.1 - - [24/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5\n'
    error = "2026/11/24 10:00:01 [error] 1#1: *7 connect() failed, client: 10.0.0.1\n"
    entries = entries_of(access * 5 + error + access)
    assert [entry.format for entry in entries] == ["access"] * 5 + ["nginx_error", "access"]
    assert all(entry.error is None for entry in entries)


def test_a_line_that_cannot_be_read_is_kept_with_the_reason() -> None:
    access = '10.0.0.1 - - [24/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5\n'
    _, broken, _ = entries_of(f"{access}%%% no access %%%\n{access}")
    assert broken.message == "%%% no access %%%"
    assert broken.error == "not read as access log of Apache or nginx: does not look like it"


def test_a_line_whose_date_does_not_exist_is_kept_with_the_reason() -> None:
    good = "2026-11-24 10:00:00,123 INFO app.a: ok\n"
    _, broken, _ = entries_of(f"{good}2026-02-31 10:00:00,123 INFO app.a: x\n{good}")
    assert broken.message == "2026-02-31 10:00:00,123 INFO app.a: x"
    assert broken.error is not None and "day is out of range" in broken.error


def test_a_log_that_changes_to_an_unknown_format_does_not_become_one_entry() -> None:
    good = "2026-11-24 10:00:00,123 INFO app.a: ok\n"
    entries = entries_of(good * 300 + "24/11/26|10:00:00|I|something else\n" * 1000)
    assert len(entries) == 1300
    assert entries[-1].error is not None


def test_free_text_is_not_taken_into_one_entry_without_end() -> None:
    good = "2026-11-24 10:00:00,123 INFO app.a: ok\n"
    entries = entries_of(good * 300 + "something else\n" * (FREE_LINES + 5))
    assert entries[299].count_lines == FREE_LINES + 1
    assert [entry.error is not None for entry in entries[300:]] == [True] * 5


def test_blank_lines_are_kept_inside_an_entry_and_dropped_between() -> None:
    entries = entries_of(
        "2026-11-24 10:00:00,123 INFO app.a: one\n\n\n  two\n\n \n"
        "2026-11-24 10:00:01,123 INFO app.a: three\n"
    )
    assert [entry.message for entry in entries] == ["one\n\n\n  two", "three"]


def test_an_entry_of_too_many_lines_is_cut_and_says_so() -> None:
    line = "  " + "x" * 99_998 + "\n"
    (entry,) = entries_of("2026-11-24 10:00:00,123 INFO app.a: big\n" + line * 100)
    assert LIMIT_BYTES - 100 < len(entry.message) <= LIMIT_BYTES + 100
    assert entry.notes == [NOTE_CUT]
    assert entry.count_lines == 101


def test_plain_text_is_an_entry_a_line_with_what_is_indented() -> None:
    entries = entries_of("one\n  more of one\ntwo\nthree\n")
    assert [entry.message for entry in entries] == ["one\n  more of one", "two", "three"]
    assert all(entry.error is None and entry.logged_at == WRITTEN for entry in entries)
    assert entries[0].notes == [NOTE_FILE]


def test_entries_before_the_first_time_take_that_time() -> None:
    banner, entry = entries_of(
        "shop server 1.0\n2026-11-24 05:00:00,123 INFO app.a: ok\n", Reading(format="python")
    )
    assert banner.logged_at == entry.logged_at
    assert banner.notes == [NOTE_AFTER]
    assert banner.error is not None
