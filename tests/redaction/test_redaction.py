"""What is masked, and what only looks like it."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaction.modes import words_alone
from redaction.rules import masked

# Put together here, so that no scanner takes this file for a leak.
JWT = ".".join(["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0In0", "dBjftJeZ4CVP-mB92K27uhb"])
AWS = "AKIA" + "IOSFODNN7EXAMPLE"
GITHUB = "ghp_" + "a1B2" * 9
STRIPE = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
SLACK = "xoxb-" + "123456789012-abcdefGHIJKL"
PEM = "\n".join(
    ["-----BEGIN RSA PRIVATE KEY-----", "MIIEpAIBAAKCAQEA7", "-----END RSA PRIVATE KEY-----"]
)
PEM_LINE = "MIIEowIBAAKCAQEAwJ7" + "aB3/" * 11 + "Q"

MASKED = [
    ("mail to bob.smith+x@example.co.uk failed", "mail to [e-mail] failed"),
    ("from=<jürgen@exämple.de>,", "from=<[e-mail]>,"),
    ("id <20260302.ab12@mail.example.com>", "id <[e-mail]>"),
    ("Authorization: Bearer abc.def.ghi", "Authorization: Bearer [token]"),
    ("authorization=Basic dXNlcjpwYXNz", "authorization=Basic [token]"),
    ("sent bearer 9f86d081884c7d65", "sent bearer [token]"),
    (f"cookie jar has {JWT}, done", "cookie jar has [token], done"),
    (f"using {AWS} in eu-west-1", "using [key] in eu-west-1"),
    (f"push with {GITHUB}", "push with [key]"),
    (f"charge by {STRIPE}.", "charge by [key]."),
    (f"post by {SLACK}", "post by [key]"),
    ("GET /a?api_key=abcdef&x=1", "GET /a?api_key=[secret]&x=1"),
    ("aws_secret_access_key = wJalrXUtnFEMI", "aws_secret_access_key = [secret]"),
    ('{"password": "hunter", "user": 3}', '{"password": "[secret]", "user": 3}'),
    ("password: hunter2", "password: [secret]"),
    ("DB_PASSWORD='s3;cret'", "DB_PASSWORD='[secret];cret'"),
    ("postgres://app:pa:ss@db.internal/x", "postgres://[credentials]@db.internal/x"),
    (f"loaded {PEM} at start", "loaded [private key] at start"),
    (PEM.rsplit("\n", 1)[0], "[private key]"),
    (PEM_LINE, "[private key]"),
    ("card 4111 1111 1111 1111 declined", "card [card] declined"),
    ("card 4111-1111-1111-1111,", "card [card],"),
    ("pan=378282246310005", "pan=[card]"),
    ("peer 203.0.113.9:443 closed", "peer [ip]:443 closed"),
    ("to 10.0.0.7.", "to [ip]."),
    ("net 10.1.0.0/16 up", "net [ip]/16 up"),
    ("from 2001:db8::ff00:42:8329 port 22", "from [ip] port 22"),
    ("at [2001:db8::1]:443", "at [[ip]]:443"),
    ("fe80::1%eth0 up", "[ip]%eth0 up"),
    ("full 2001:0db8:0:0:0:ff00:42:8329", "full [ip]"),
]
KEPT = [
    "getty@tty1.service: Succeeded",
    "pulled redis@sha256:0f2c",
    "installed left-pad@1.3.0",
    "root@localhost",
    "java.lang.Object@1b6d3586",
    "decorated with @app.route",
    "the bearer of bad news",
    "Basic authentication failed",
    "Unexpected token: }",
    "invalid token: expired",
    "max_tokens=4096",
    "token=null, password=",
    "duplicate key value violates unique constraint",
    "primary key: 3, monkey=7",
    "wrong password for user",
    "order 4111111111111112",  # the check digit is wrong
    "took 1700000000123 ms since 1700000000123456789",
    "shipment 1234567812345670",  # no issuer's first digit
    "request 550e8400-e29b-41d4-a716-446655440000",
    "release 1.2.3.4.5",
    "kernel 6.1.0-18.1.2.3",
    "999.1.1.1 and 256.0.0.1",
    "listening on 127.0.0.1, 0.0.0.0 and ::1",
    "10:00:01 and 12:34:56",
    "std::vector and dead::beef",
    "MAC 00:1a:2b:3c:4d:5e",
    "fingerprint 16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
    "risk-management-of-quite-a-lot-of-things",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
]


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_what_identifies_or_opens_is_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize("text", [*KEPT, *(text for text, _ in MASKED)])
@pytest.mark.parametrize("mask", [masked, words_alone])
def test_twice_is_the_same_as_once(mask: Any, text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(st.text())
def test_any_text_can_be_masked(text: str) -> None:
    assert isinstance(masked(text), str)
    assert not any(letter.isdecimal() for letter in words_alone(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user alice logged in", "user alice logged in"),
        ("took 35 ms for /home/bob/x", "took [value] ms for [value]"),
        ("open 'my file' failed", "open [value] failed"),
        ("state=OPEN, can't go", "state=[value], can't go"),
        ("mail bob@example.com", "mail [e-mail]"),
    ],
)
def test_a_template_keeps_words_alone(text: str, expected: str) -> None:
    assert words_alone(text) == expected


@pytest.mark.parametrize(
    "piece",
    [
        *("a", "a.", "1", "1-", "1 ", "a:", "1:", "@", "a@", "://a:", "token", "token=", "pass_"),
        *("secret_-", "-----BEGIN PRIVATE KEY-----", "authorization:", "eyJaaaaaaaaa", "bearer "),
        *("'", "sk-a1-", "1.1."),
    ],
)
def test_a_hostile_megabyte_costs_seconds_at_most(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    started = time.process_time()
    words_alone(text)
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("login of bob@example.org failed", "bob@example.org"),
        ("connect postgres://me:hunter2@db/x", "hunter2"),
        ("Authorization: Bearer abcdef0123456789", "abcdef0123456789"),
        ("password=hunter2 user=x", "hunter2"),
        ('{"api_key": "abc123def"}', "abc123def"),
        ("key AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE"),
        ("push with ghp_0123456789abcdefABCDEF", "ghp_0123456789abcdefABCDEF"),
        ("card 4111 1111 1111 1111 declined", "1111 1111"),
        ("from 10.1.2.3 port 5", "10.1.2.3"),
        ("from 2001:db8::1 port 5", "2001:db8::1"),
        ("jwt eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "eyJzdWIiOiIx"),
        ("session 0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
    ],
)
def test_secrets_and_persons_are_masked(text: str, secret: str) -> None:
    assert secret not in masked(text, is_leaving=True)
    assert "[" in masked(text, is_leaving=True)


@pytest.mark.parametrize(
    "text",
    [
        "disk /dev/sda1 full: 12345 blocks at 2026-01-02 03:04:05.678",
        "order 1234567890123 shipped",
        "version 1.2.3 of std::vector at line 12:34",
    ],
)
def test_ordinary_lines_are_left_alone(text: str) -> None:
    assert masked(text, is_leaving=True) == text
