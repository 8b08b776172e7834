"""Normalised text: what it is for all texts, and which logs it takes for the same."""

import time
from base64 import b64encode
from collections.abc import Callable
from ipaddress import IPv6Address
from itertools import islice, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import normalize as normalizing
from scoring.normalize import (
    MASK,
    MAX_LETTERS,
    MAX_PIECE,
    MAX_WORDS,
    MOST_PIECES,
    PIECES,
    mask_digits,
    mask_ids,
    normalize,
    words,
)

ANY = st.text(st.characters(exclude_categories=()), max_size=300)
WILD = st.lists(
    st.sampled_from(
        [
            *("0", "7", "ab", "Ab", "aB", "ERROR", "connectionPool", "/", "\\", ":", "=", "-", "."),
            *(" ", "  ", "\t", "\n", '"', "'", "(", "]", "<", ">", "<*>", "*", "@", "%", "_", ","),
            *("0x", "deadbeef", "\x1b[31m", "://", "ms", "KB", "é", "ß", "İ", "中", "٣", "\u202e"),
            *("for ", " from", "invalid user ", "\0", "\ud800"),
        ]
    ),
    max_size=40,
).map("".join)
TEXTS = st.one_of(ANY, WILD)


@settings(max_examples=500, deadline=None)
@given(TEXTS)
def test_it_is_idempotent_never_empty_and_bounded(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once
    assert once
    assert len(once) <= MAX_WORDS * (MAX_LETTERS + 1)
    assert once.split(" ") == once.split()
    assert len(once.split()) <= MAX_WORDS


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_it_has_no_digit_no_capital_and_no_mask_twice_in_a_row(text: str) -> None:
    once = normalize(text)
    assert not any(letter.isdecimal() for letter in once)
    assert once == once.lower()
    assert f"{MASK} {MASK}" not in once


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXTS.map(lambda text: text.replace("\0", "")), min_size=1, max_size=8))
def test_ids_are_masked_in_joined_texts_as_in_each_alone(texts: list[str]) -> None:
    masked = [mask_digits(text.encode("utf-8", "replace")) for text in texts]
    joined = mask_ids(b"\0".join(masked)).split(b"\0")
    assert joined == [mask_ids(text) for text in masked]
    assert [words(text) for text in joined] == [normalize(text) for text in texts]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_that_are_no_text_have_words_too(content: bytes) -> None:
    assert words(mask_ids(mask_digits(content)))


@settings(max_examples=500, deadline=None)
@given(TEXTS)
def test_words_looked_up_piece_by_piece_are_those_of_the_whole_text(text: str) -> None:
    masked = mask_ids(mask_digits(text.encode("utf-8", "replace")))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(normalizing, "_words_by_piece", lambda _: "")
        whole = words(masked)
    assert words(masked) == whole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("took 0 ms, then 0 KB", f"took {MASK} then {MASK}"),
        ("ms of 0  ms or a/b ms", f"ms of {MASK} ms or a b ms"),
        ("0 ms KB or ms/0 KB B", f"{MASK} kb or {MASK} kb b"),
        ('"took 0" ms "for": "a b" from', f"{MASK} ms for {MASK} from"),
        ("closed for bob from here", f"closed for {MASK} from here"),
        ("closed for bob from 'a b'", f"closed for {MASK} from {MASK}"),
        ("invalid user bob.b-b from here", f"invalid user {MASK} from here"),
        ("invalid user b(b 'from here'", f"invalid user {MASK}"),
        ("invalid user invalid user *", f"invalid user {MASK} user {MASK}"),
    ],
)
def test_what_belongs_together_is_seen_over_blanks(text: str, expected: str) -> None:
    assert words(text.encode()) == expected


def test_what_is_remembered_of_pieces_is_bounded() -> None:
    PIECES.clear()
    assert normalize(f"{'a' * (MAX_PIECE + 1)} b") == f"{'a' * MAX_LETTERS} b"
    assert list(PIECES) == ["b"]
    for letters in islice(product("ghijklmnop", repeat=5), MOST_PIECES):
        normalize("".join(letters))
    assert len(PIECES) == 1


def hexadecimal(size: int) -> st.SearchStrategy[str]:
    """Ids of `size` hexadecimal digits, at least one of them a number."""
    digits = st.text("0123456789abcdef", min_size=size, max_size=size)
    return digits.filter(lambda text: any(digit.isdigit() for digit in text))


NAMES = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
VALUES: dict[str, tuple[str, st.SearchStrategy[str]]] = {
    "numbers": ("retry {} of the job", st.integers(0, 10**12).map(str)),
    "negative numbers": ("offset {} applied", st.integers(-(10**9), -1).map(str)),
    "decimals": ("load {} is high", st.floats(0, 1e6).map("{:.3f}".format)),
    "durations": ("request took {} in all", st.integers(0, 10**6).map("{}ms".format)),
    "sizes": ("wrote {} to disk", st.integers(0, 10**6).map("{} KB".format)),
    "versions": (
        "running version {} of it",
        st.tuples(*[st.integers(0, 99)] * 3).map(lambda parts: "{}.{}.{}".format(*parts)),
    ),
    "UUIDs": ("request {} done", st.uuids().map(str)),
    "hexadecimal ids": ("span {} ended", hexadecimal(16)),
    "short commits": ("built at {} by CI", hexadecimal(8)),
    "pointers": ("fault at {} in worker", st.integers(0, 2**64 - 1).map(hex)),
    "IPv4 addresses": ("connection from {} closed", st.ip_addresses(v=4).map(str)),
    "IPv6 addresses": (
        "connection from {} closed",
        # One without any digit may be a name of two parts.
        st.ip_addresses(v=6).map(str).filter(lambda text: any(map(str.isdigit, text))),
    ),
    "IPv6 addresses with ports": (
        "connection to [{}]:5432 refused",
        st.integers(0, 2**128 - 1).map(lambda at: IPv6Address(at).exploded),
    ),
    "MAC addresses": (
        "lease for {} via eth0",
        st.binary(min_size=6, max_size=6).map(lambda at: at.hex(":")),
    ),
    "addresses with ports": (
        "connection to {} refused",
        st.tuples(st.ip_addresses(v=4), st.integers(1, 65535)).map(lambda at: f"{at[0]}:{at[1]}"),
    ),
    "times": (
        "job due at {} was late",
        st.datetimes(timezones=st.none()).map(lambda at: at.isoformat(sep=" ")),
    ),
    "paths": (
        "cannot open {} for reading",
        st.lists(NAMES, min_size=2, max_size=5).map(lambda parts: "/" + "/".join(parts)),
    ),
    "Windows paths": (
        "cannot open {} for reading",
        st.lists(NAMES, min_size=2, max_size=4).map(lambda parts: "C:\\" + "\\".join(parts)),
    ),
    "quoted values": ('user "{}" is unknown', NAMES),
    "singly quoted values": ("relation '{}' is unknown", NAMES),
    "values of keys": ("lookup failed user={} at once", NAMES),
    "values of keys in brackets": (
        "login user=<{}> was slow",
        # One in capitals alone may be a state.
        st.binary(min_size=9, max_size=15).map(lambda at: f"{b64encode(at).decode()}a"),
    ),
    "web addresses": ("fetching {} failed", NAMES.map("https://{}.example/index".format)),
    "mail addresses": ("mail to {} bounced", NAMES.map("{}@example.org".format)),
    "names in failed logins": ("Failed password for {} from there", NAMES),
}


@pytest.mark.parametrize("kind", VALUES)
def test_logs_that_differ_only_in_a_value_are_the_same(kind: str) -> None:
    form, values = VALUES[kind]

    @settings(max_examples=60, deadline=None)
    @given(values, values)
    def same(one: str, other: str) -> None:
        assert normalize(form.format(one)) == normalize(form.format(other))

    same()
    assert MASK in normalize(form.format("17" if kind == "numbers" else "10.0.0.1"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("connection opened", "connection closed"),
        ("job started", "job failed"),
        ("state=RUNNING after all", "state=FAILED after all"),
        ("added user to group", "feed of group was dead"),
        ("ConnectionReset by peer", "ConnectionRefused by peer"),
        ("no space left on device", "space left on device"),
        ("Cafe::Add raised", "Dead::Bed raised"),
        ("cast of '{}'::bytea", "cast of '{}'::date"),
    ],
)
def test_logs_that_say_something_else_stay_apart(one: str, other: str) -> None:
    assert normalize(one) != normalize(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", MASK),
        ("   \t\n", MASK),
        ("!!! ??? ---", MASK),
        ("12345", MASK),
        ("ConnectionPool exhausted", "connection pool exhausted"),
        ("HTTPServer started", "http server started"),
        ('{"level":"info","status":200}', f"level {MASK} status {MASK}"),
        ("\x1b[31mERROR\x1b[0m it broke", "<*> error <*> it broke"),
        ("Straße gesperrt", "straße gesperrt"),
        ("磁盘 已满 90%", f"磁盘 已满 {MASK}"),
    ],
)
def test_words_are_lower_case_and_split_where_a_reader_would(text: str, expected: str) -> None:
    assert normalize(text) == expected


def test_only_the_beginning_of_a_long_text_counts() -> None:
    assert normalize("failed " * 1_000_000).split() == ["failed"] * MAX_WORDS
    assert len(normalize("x" * 5_000_000)) == MAX_LETTERS


HOSTILE = [
    *('"', "'", "\\", "/", "0", "0-", "a.", "a@", "=", "a=", "\x1b[", "://", "a://", "0:", "x'"),
    *("<*>", "aA", "0,0", " /", '"\\', "for ", "invalid user ", "\n", "_", "-", "00000000-", "+"),
]


@pytest.mark.parametrize("stage", [words, mask_ids])
def test_no_text_takes_long(stage: Callable[[bytes], object]) -> None:
    slowest = 0.0
    for one, other in product(HOSTILE, HOSTILE):
        text = (one + other).encode() * (16_000 // len((one + other).encode()))
        started = time.process_time()
        stage(text)
        slowest = max(slowest, time.process_time() - started)
    assert slowest < 0.2
