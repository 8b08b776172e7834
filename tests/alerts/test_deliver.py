"""Delivery to real receivers: once, in time, bounded, and honest about what failed."""

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from scoring.alerts import http
from scoring.alerts.__main__ import main
from scoring.alerts.channels import configured
from scoring.alerts.deliver import Outcome, deliver
from scoring.alerts.github import GitHub
from scoring.alerts.message import Message
from scoring.alerts.webhook import SignedWebhook, Webhook
from sql.database import Database, connect
from tests.alerts.conftest import add_log, add_rule, batch, begin, chunk, end, many, rows, run
from tests.alerts.receivers import Issues, Receiver, Request, dripping, receiver

KEY = "a key of enough bytes"


def to(webhook: Receiver) -> list[Webhook]:
    return [Webhook(f"{webhook.url}/services/secret-path")]


def impatiently(database: Database, *channels: Webhook | SignedWebhook | GitHub) -> Outcome:
    return deliver(database, channels, patience=0)


def text(webhook: Receiver, at: int = -1) -> str:
    said: str = webhook.requests[at].json["text"]
    return said


def test_one_message_tells_reason_line_link_and_how_to_mute(
    database: Database, webhook: Receiver
) -> None:
    add_log(database, "disk full on /var", logged_at="2026-01-02T03:04:05Z")
    batch(
        database,
        {"template_id": -5, "source": "web", "at": "2026-01-02T03:04:05Z", "severity": "critical"},
        *many(3),
    )
    outcome = impatiently(database, *to(webhook))
    assert (len(outcome.delivered), outcome.failures) == (1, [])
    assert len(webhook.requests) == 1
    said = text(webhook)
    assert "4 alerts, worst critical" in said
    assert "rare: 1 of 7 logs of app" in said
    assert "disk full on /var" in said
    link = (
        "https://logs.example.org/?lines=template_id%3D-5&amp;log=1"
        "&amp;at=2026-01-02T03%3A04%3A05.000000Z"
    )
    assert link in said
    assert "python -m scoring.alerts mute --template=-5 --for=7d" in said
    assert webhook.requests[0].json["allowed_mentions"] == {"parse": []}
    assert impatiently(database, *to(webhook)).delivered == []
    assert len(webhook.requests) == 1


def test_nothing_to_tell_sends_nothing(database: Database, webhook: Receiver) -> None:
    batch(database, {"template_id": 1, "severity": "low", "is_anomaly": False, "level": "INFO"})
    assert impatiently(database, *to(webhook)) == Outcome()
    assert webhook.requests == []


def test_a_batch_that_still_runs_is_not_told(database: Database, webhook: Receiver) -> None:
    batch_id = begin(database)
    chunk(database, batch_id, {"template_id": 1})
    assert impatiently(database, *to(webhook)).delivered == []
    end(database, batch_id)
    assert len(impatiently(database, *to(webhook)).delivered) == 1


def test_what_failed_is_tried_again_with_longer_pauses(
    database: Database, webhook: Receiver
) -> None:
    answers = iter([500, 503, 200])
    webhook.answer = lambda _: (next(answers), {}, b"")
    batch(database, {"template_id": 1})
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        run(database, "tests.make_due")

    outcome = deliver(database, to(webhook), patience=60, sleep=sleep)
    assert (len(outcome.delivered), len(outcome.failures)) == (1, 2)
    assert [round(pause) for pause in pauses] == [1, 4]
    (message,) = rows(database, "tests.messages")
    assert message["count_attempts"] == 3
    assert len({request.body for request in webhook.requests}) == 1


def test_a_failure_is_kept_for_the_next_run_and_names_no_secret(
    database: Database, webhook: Receiver, database_url: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    webhook.answer = lambda _: (404, {}, b"no such hook: secret-path")
    batch(database, {"template_id": 1})
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("ALERT_WEBHOOK_URL", f"{webhook.url}/services/secret-path")
    assert main([]) == 1
    said = capsys.readouterr()
    assert "webhook: message 1 was not delivered: answered 404" in said.err
    (message,) = rows(database, "tests.messages")
    assert "secret-path" not in said.err + said.out + message["last_error"]
    assert main(["deliver"]) == 0  # Not due for an hour.
    webhook.answer = lambda _: (200, {}, b"ok")
    run(database, "tests.make_due")
    assert main([]) == 0
    assert len(webhook.requests) == 2


def test_a_redirect_to_another_host_is_not_followed(database: Database, webhook: Receiver) -> None:
    with receiver() as other:
        webhook.answer = lambda _: (307, {"Location": f"{other.url}/here"}, b"")
        batch(database, {"template_id": 1})
        outcome = impatiently(database, *to(webhook))
        assert other.requests == []
    assert "answered 307, a redirect, which is never followed" in outcome.failures[0]


def test_a_server_that_hangs_is_left(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "SECONDS_A_STEP", 0.3)
    is_over = threading.Event()

    def hang(_: Request) -> tuple[int, dict[str, str], bytes]:
        is_over.wait(20)
        return 200, {}, b""

    batch(database, {"template_id": 1})
    with receiver(hang) as hanging:
        outcome = impatiently(database, *to(hanging))
        is_over.set()
    assert "no answer within" in outcome.failures[0]


def test_a_server_that_drips_is_cut(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "SECONDS_IN_ALL", 0.5)
    batch(database, {"template_id": 1})
    with dripping() as url:
        outcome = impatiently(database, Webhook(url))
    assert "no answer" in outcome.failures[0]


def test_an_answer_without_end_is_bounded(database: Database, webhook: Receiver) -> None:
    webhook.answer = lambda _: (200, {}, b"x" * ((2 << 20) + 5))
    batch(database, {"template_id": 1})
    assert "more than 2 MB" in impatiently(database, *to(webhook)).failures[0]


def test_nobody_at_home_is_said(database: Database) -> None:
    batch(database, {"template_id": 1})
    outcome = impatiently(database, Webhook("http://127.0.0.1:1/secret"))
    assert "no answer (Connection refused)" in outcome.failures[0]
    assert "secret" not in outcome.failures[0]


def test_a_message_that_fails_for_two_days_is_given_up(
    database: Database, webhook: Receiver
) -> None:
    webhook.answer = lambda _: (500, {}, b"")
    batch(database, {"template_id": 1})
    impatiently(database, *to(webhook))
    run(database, "tests.age_messages", hours=49)
    impatiently(database, *to(webhook))
    (message,) = rows(database, "tests.messages")
    assert message["abandoned_at"] is not None
    run(database, "tests.make_due")
    assert impatiently(database, *to(webhook)) == Outcome()


def test_a_deliverer_killed_between_send_and_mark_repeats_the_message_under_its_key(
    database: Database, database_url: str, webhook: Receiver
) -> None:
    batch(database, *many(3))
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "ALERT_SIGNED_URL": webhook.url,
        "ALERT_SIGNING_KEY": KEY,
    }
    deliverer = subprocess.Popen([sys.executable, "-m", "scoring.alerts"], env=environment)

    def kill(_: Request) -> tuple[int, dict[str, str], bytes]:
        deliverer.kill()
        deliverer.wait()
        return 200, {}, b""

    webhook.answer = kill
    assert deliverer.wait(30) == -signal.SIGKILL
    webhook.answer = lambda _: (200, {}, b"")
    batch(database, {"template_id": 77})
    outcome = impatiently(database, SignedWebhook(webhook.url, KEY))
    assert len(outcome.delivered) == 2
    first, again, later = webhook.requests
    assert again.body == first.body
    assert again.headers["webhook-id"] == first.headers["webhook-id"]
    assert later.headers["webhook-id"] != first.headers["webhook-id"]
    fingerprints = [
        {each["fingerprint"] for each in request.json["data"]["alerts"]}
        for request in (again, later)
    ]
    assert not fingerprints[0] & fingerprints[1]


def test_two_deliverers_at_once_send_each_message_once(
    database: Database, database_url: str, webhook: Receiver
) -> None:
    for template_id in range(5):
        batch(database, {"template_id": template_id})
        if template_id < 4:
            with database.transaction():
                for statement in ("sort", "compose"):
                    database.execute(f"alert_messages.{statement}", channel="webhook")

    def work(_: int) -> Outcome:
        ours = connect(database_url)
        try:
            return deliver(ours, to(webhook), patience=5)
        finally:
            ours.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(work, range(4)))
    assert sum(len(outcome.delivered) for outcome in outcomes) == len(webhook.requests) == 5
    assert len({request.body for request in webhook.requests}) == 5


def test_the_signature_is_that_of_standard_webhooks(database: Database, webhook: Receiver) -> None:
    batch(database, {"template_id": 2**60})
    secret = base64.b64encode(b"sixteen bytes or more").decode()
    impatiently(database, SignedWebhook(webhook.url, f"whsec_{secret}"))
    (request,) = webhook.requests
    given = request.headers
    signed = f"{given['webhook-id']}.{given['webhook-timestamp']}.".encode() + request.body
    expected = hmac.new(b"sixteen bytes or more", signed, hashlib.sha256).digest()
    assert given["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"
    assert request.json["data"]["alerts"][0]["template_id"] == str(2**60)


def test_the_hourly_cap_holds_back_and_the_next_message_says_so(
    database: Database, webhook: Receiver
) -> None:
    run(database, "tests.disable_rules")
    add_rule(database, name="chatty", kind="anomaly", most_per_hour=3)
    batch(database, *many(5, severity="high"), {"template_id": 6, "severity": "critical"})
    impatiently(database, *to(webhook))
    assert "3 alerts, worst critical" in text(webhook)
    assert "3 held back by the hourly cap of rule chatty" in text(webhook)
    batch(database, {"template_id": 7})
    impatiently(database, *to(webhook))
    assert len(webhook.requests) == 1
    run(database, "tests.age_messages", hours=2)
    batch(database, {"template_id": 8})
    impatiently(database, *to(webhook))
    assert "1 alert, worst high" in text(webhook)
    assert "1 held back by the hourly cap of rule chatty" in text(webhook)


def test_quiet_hours_delay_and_the_message_after_them_says_so(
    database: Database, webhook: Receiver
) -> None:
    run(database, "tests.change_quiet_hours", is_quiet=True)
    batch(database, {"template_id": 1})
    batch(database, {"template_id": 2})
    assert impatiently(database, *to(webhook)).delivered == []
    with database.transaction():
        # The hours are over, and what came in them is told with that.
        database.execute("tests.shift_alerts", hours=2)
        database.execute("tests.end_quiet_hours")
    impatiently(database, *to(webhook))
    assert len(webhook.requests) == 1
    assert "2 alerts" in text(webhook)
    assert "2 of these waited for quiet hours to end" in text(webhook)


def test_a_mute_after_the_batch_and_before_the_delivery_holds(
    database: Database, webhook: Receiver, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch(database, *many(2))
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert main(["mute", "--template=1", "--for=6h", "--reason=known"]) == 0
    impatiently(database, *to(webhook))
    assert "--template=1 " not in text(webhook)
    assert "--template=2 " in text(webhook)


def test_a_rule_for_one_channel_is_told_there_alone(database: Database, webhook: Receiver) -> None:
    run(database, "tests.disable_rules")
    add_rule(database, name="signed only", kind="anomaly", channel="signed")
    batch(database, {"template_id": 1})
    with receiver() as signed:
        impatiently(database, *to(webhook), SignedWebhook(signed.url, KEY))
        assert (len(webhook.requests), len(signed.requests)) == (0, 1)


def test_a_flood_is_one_bounded_message(database: Database, webhook: Receiver) -> None:
    add_rule(database, name="everything", kind="occurrence", most_per_hour=1000)
    batch(database, *many(500, text="x" * 5000, reasons="\n".join(["y" * 900] * 40)))
    impatiently(database, *to(webhook))
    assert len(webhook.requests) == 1
    body = webhook.requests[0].json
    assert len(body["text"]) <= 8000
    assert len(body["content"]) <= 2000
    assert "held back by the hourly cap" in body["text"]
    assert "a rule may tell 100 a batch" in body["text"]


def test_github_gets_an_issue_a_comment_and_its_end(database: Database) -> None:
    issues = Issues()
    with receiver(issues) as server:
        github = GitHub("octo/logs", "a-token", server.url)
        batch(database, {"template_id": 1, "reasons": "@everyone <b>``` fixes #1"})
        impatiently(database, github)
        assert [issue["state"] for issue in issues.issues] == ["open"]
        assert "````text" in issues.issues[0]["body"]
        batch(database, {"template_id": 2})
        impatiently(database, github)
        assert [len(comments) for comments in issues.comments.values()] == [1]
        batch(database)
        run(database, "tests.age_messages", hours=30)
        outcome = impatiently(database, github)
        assert outcome.delivered == ["github: closed the issue"]
        assert issues.issues[0]["state"] == "closed"
        assert "Nothing more to tell" in issues.comments[1][-1]["body"]
        batch(database, {"template_id": 3})
        impatiently(database, github)
        assert [issue["state"] for issue in issues.issues] == ["closed", "open"]


class Crash(BaseException):
    """The process is gone."""


class DyingGitHub(GitHub):
    """Sends, and is gone before anybody notes it."""

    def send(self, message: Message) -> str | None:
        super().send(message)
        raise Crash


def test_github_finds_what_a_crashed_attempt_left_and_does_not_repeat_it(
    database: Database,
) -> None:
    issues = Issues()
    with receiver(issues) as server:
        for _ in range(2):  # Once opening, once commenting.
            batch(database, {"template_id": len(issues.issues) + 1})
            with pytest.raises(Crash):
                impatiently(database, DyingGitHub("octo/logs", "a-token", server.url))
            outcome = impatiently(database, GitHub("octo/logs", "a-token", server.url))
            assert len(outcome.delivered) == 1
    assert len(issues.issues) == 1
    assert [len(comments) for comments in issues.comments.values()] == [1]


def test_a_token_that_github_refuses_is_said_and_not_shown(database: Database) -> None:
    batch(database, {"template_id": 1})
    with receiver(Issues()) as server:
        outcome = impatiently(database, GitHub("octo/logs", "stolen", server.url))
    assert "github: message 1 was not delivered: answered 401" in outcome.failures[0]
    assert "stolen" not in json.dumps(outcome.failures)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"ALERT_WEBHOOK_URL": "ftp://host/hush"}, "ALERT_WEBHOOK_URL is not an address"),
        ({"ALERT_WEBHOOK_URL": "https://host/a hush"}, "ALERT_WEBHOOK_URL is not an address"),
        ({"ALERT_WEBHOOK_URL": "https://host:no/hush"}, "ALERT_WEBHOOK_URL is not an address"),
        ({"ALERT_SIGNED_URL": "https://host"}, "ALERT_SIGNING_KEY is not"),
        ({"ALERT_SIGNED_URL": "https://host", "ALERT_SIGNING_KEY": "hush"}, "16 or more"),
        ({"SMTP_URL": "smtp://host"}, "ALERT_MAIL_TO is not"),
        ({"SMTP_URL": "http://hush@host", "ALERT_MAIL_TO": "a@b.c"}, "expected smtp://"),
        ({"SMTP_URL": "smtp://host", "ALERT_MAIL_TO": "nobody"}, "expected addresses such as"),
        ({"ALERT_GITHUB_REPO": "octo/logs"}, "GITHUB_TOKEN is not"),
        ({"ALERT_GITHUB_REPO": "octo/../logs", "GITHUB_TOKEN": "hush"}, "expected OWNER/NAME"),
        ({"ALERT_REDACT": "everything"}, "expected one of off, full, template"),
        ({"ALERT_TEXT": "template"}, "is called ALERT_REDACT now"),
    ],
)
def test_a_channel_that_is_set_up_wrongly_is_refused(
    environment: dict[str, str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main([]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "hush" not in error


def test_without_a_channel_nothing_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert configured({}) == []
    assert main([]) == 0
    assert "no channel is set up" in capsys.readouterr().out


def test_channels_can_be_tried(
    webhook: Receiver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALERT_WEBHOOK_URL", webhook.url)
    assert main(["test"]) == 0
    assert "a test of this channel" in text(webhook)
    webhook.answer = lambda _: (500, {}, b"")
    assert main(["test"]) == 1
    assert "webhook: answered 500" in capsys.readouterr().err
