"""The doctor finds what is wrong, says what mends it, and finds nothing wrong with what is well."""

import json
import shutil
import time
from datetime import datetime, tzinfo
from pathlib import Path

import pytest

from local.__main__ import main
from local.doctor import ROOT, examine
from local.doctor.checkout import (
    WORKFLOWS,
    check_models,
    check_vercel,
    check_workflows,
    hours_between,
    is_cron,
)
from local.doctor.database import check_database
from local.doctor.environment import check_environment
from local.doctor.finding import Finding, Findings
from sql.database import Database
from sql.errors import Unreachable
from tests.alerts.conftest import add_log, ago, batch, begin, run


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_URL_UNPOOLED", "POSTGRES_URL_NON_POOLING", "API_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the files that the doctor looks at."""
    for name in ("onnx_models", ".github", "api"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "vercel.json", tmp_path)
    return tmp_path


def wrong(findings: Findings) -> list[Finding]:
    return [finding for finding in findings if finding.state != "ok"]


def the(findings: Findings, subject: str) -> Finding:
    (found,) = [finding for finding in findings if finding.subject == subject]
    return found


def test_a_sound_checkout_is_well(checkout: Path) -> None:
    assert wrong(check_models(checkout / "onnx_models")) == []
    assert wrong(check_workflows(checkout / ".github" / "workflows")) == []
    assert wrong(check_vercel(checkout)) == []


def test_a_sound_installation_is_well_but_was_never_used(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("API_TOKEN", "secret-token")
    code = main(["doctor"])
    said = capsys.readouterr().out
    assert code == 0, said
    assert "schema       up to date" in said
    assert "no batch has finished yet\n" in said
    assert "→ python -m scoring\n" in said
    assert said.count("\nwarn") == 1
    assert "secret-token" not in said


def test_without_a_database_the_rest_is_still_looked_at(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "fail  environment  none of DATABASE_URL_UNPOOLED" in said
    assert "export DATABASE_URL=postgresql://" in said
    assert "models" in said
    assert "vercel" in said


def test_every_finding_that_is_wrong_says_what_mends_it(tmp_path: Path) -> None:
    found = wrong(examine(tmp_path, {}))
    assert len(found) >= 5
    assert all(finding.mend for finding in found)


def test_a_server_that_is_away_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hush@127.0.0.1:1/logs")
    (finding,) = check_database()
    assert (finding.state, finding.subject) == ("fail", "database")
    assert "hush" not in str(finding)
    assert Unreachable.__name__ not in str(finding)


def test_an_empty_database_is_told_to_migrate(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    finding = the(check_database(), "schema")
    assert (finding.state, finding.mend) == ("fail", "python -m sql migrate")


def test_a_schema_that_lags_is_told_to_migrate(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    with database.transaction():
        database.execute("schema.record", name="views/stats_levels", checksum="old")
    finding = the(check_database(), "schema")
    assert (finding.state, finding.mend) == ("fail", "python -m sql migrate")
    assert "views/stats_levels" in finding.said


def test_a_newer_or_changed_schema_is_said(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    with database.transaction():
        database.execute("schema.record", name="0001_logs", checksum="other")
    assert "0001_logs" in the(check_database(), "schema").said
    with database.transaction():
        database.execute("schema.record", name="9999_future", checksum="x")
    finding = the(check_database(), "schema")
    assert "newer version (9999_future)" in finding.said
    assert "git pull" in finding.mend


def test_messages_that_were_not_delivered_are_said(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    with database.transaction():
        database.execute("tests.fail_message", error="answered 500")
    finding = the(check_database(), "alerts")
    assert finding.state == "warn"
    assert "webhook: answered 500" in finding.said


def test_a_server_that_is_too_old_or_only_read_is_a_failure(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("postgres@", "logkiln_reader@"))
    monkeypatch.setattr("local.doctor.database.OLDEST", 990000)
    found = wrong(check_database())
    said = {finding.subject: finding for finding in found[::-1]}
    assert "is too old; expected 14 or newer" in said["database"].said
    assert "DATABASE_URL_UNPOOLED to the primary" in found[1].mend
    assert all(finding.mend for finding in found)


def test_a_clock_that_is_wrong_is_said(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)

    class Late(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Late":
            return cls.fromtimestamp(time.time() - 600, tz)

    monkeypatch.setattr("local.doctor.database.datetime", Late)
    finding = the(check_database(), "clock")
    assert (finding.state, finding.mend) == ("warn", "timedatectl set-ntp true")
    assert "600 s apart" in finding.said


@pytest.mark.parametrize(
    ("change", "state", "said", "mend"),
    [
        ("grant_too_much", "fail", "reader may write predictions", "revoke all on ml_predictions"),
        ("revoke_reading", "fail", "reader lacks rights", "python -m sql migrate"),
        ("revoke_muting", "fail", "writer lacks rights", "python -m sql migrate"),
    ],
)
def test_a_role_with_other_rights_is_a_failure(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch,
    change: str, state: str, said: str, mend: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("DATABASE_URL", database_url)
    run(database, f"tests.{change}")
    (finding,) = [each for each in wrong(check_database()) if each.subject == "roles"]
    assert finding.state == state
    assert said in finding.said
    assert mend in finding.mend


def test_logs_that_wait_too_long_and_a_batch_that_failed_are_said(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    batch(database)
    assert the(check_database(), "freshness").state == "ok"
    run(database, "tests.shift_batches", hours=20)
    add_log(database, "hello", ingested_at=ago(19))
    begin(database)
    run(database, "tests.fail_batches")
    late, failed = [each for each in check_database() if each.subject == "freshness"]
    assert "logs wait and the batch for them is" in late.said
    assert "the latest batch failed: no space left" in failed.said
    assert late.mend == failed.mend == "python -m scoring"


def test_logs_that_stop_every_batch_are_named(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    for number in (11, 12, 13, 14):
        add_log(database, "hello", id=number)
    assert the(check_database(), "logs").state == "ok"
    with database.transaction():
        database.execute("tests.adapt_badly")
    found = [str(each) for each in check_database() if each.subject == "logs"]
    assert len(found) == 3
    assert "1, as 2 of id 13 and 2026-03-02 " in found[0]
    assert "1, as id 11, no time, arrived 20" in found[1]
    assert "without time of arrival, and no batch finds them: 1, as id 12" in found[2]
    assert all("docs/adapters.md" in each for each in found)


def test_a_schedule_that_is_not_the_workflows_is_said(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert the(check_database(), "schedule").state == "ok"
    run(database, "tests.schedule_due", every=1, minutes=0)
    finding = the(check_database(), "schedule")
    assert "runs every 6 hours, and batches are due every 1:" in finding.said
    assert "set run_every = '6 hours'" in finding.mend


@pytest.mark.parametrize(
    ("variables", "state"),
    [
        ({"DATABASE_URL": "postgresql://u@db.example.org/x"}, "ok"),
        ({"DATABASE_URL": "postgresql://u@ep-x-pooler.eu.neon.tech/x"}, "warn"),
        ({"DATABASE_URL": "postgresql://u@aws.pooler.supabase.com:5432/x"}, "warn"),
        ({"DATABASE_URL": "postgresql://u@db.example.org:6543/x"}, "warn"),
        ({"DATABASE_URL": "postgresql://u@db.example.org:6432/x"}, "warn"),
        ({"DATABASE_URL": "postgresql://u:hush@db:no/x"}, "fail"),
        (
            {
                "DATABASE_URL": "postgresql://u@ep-x-pooler.eu.neon.tech/x",
                "DATABASE_URL_UNPOOLED": "postgresql://u@ep-x.eu.neon.tech/x",
            },
            "ok",
        ),
    ],
)
def test_a_pooler_is_recognised(variables: dict[str, str], state: str) -> None:
    finding = the(check_environment(variables), "pooler")
    assert finding.state == state
    assert "hush" not in str(finding)


def test_a_model_that_is_not_the_manifests_is_a_failure(checkout: Path) -> None:
    folder = checkout / "onnx_models"
    with (folder / "anomaly_detector.onnx").open("ab") as file:
        file.write(b"!")
    (finding,) = check_models(folder)
    assert finding.state == "fail"
    assert "anomaly_detector.onnx: not what the manifest says" in finding.said
    (folder / "anomaly_detector.onnx").unlink()
    assert "anomaly_detector.onnx is missing" in the(check_models(folder), "models").said
    for text in ("{", "[]", "{}", '{"level_classifier": 1, "anomaly_detector": 2}'):
        (folder / "manifest.json").write_text(text)
        assert the(check_models(folder), "models").state == "fail"


def test_models_for_other_texts_are_a_failure(checkout: Path) -> None:
    path = checkout / "onnx_models" / "manifest.json"
    manifest = json.loads(path.read_text()) | {"normalizer_version": 1}
    path.write_text(json.dumps(manifest))
    finding = the(check_models(path.parent), "models")
    assert "the models have normaliser version 1, this scorer has" in finding.said
    assert finding.mend == "python -m training"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_missing_workflow_is_a_failure(checkout: Path, name: str) -> None:
    (checkout / ".github" / "workflows" / name).unlink()
    (finding,) = wrong(check_workflows(checkout / ".github" / "workflows"))
    assert (finding.state, finding.said) == ("fail", f"{name} is missing")
    assert finding.mend == f"git checkout HEAD -- .github/workflows/{name}"


def test_a_wrong_schedule_is_a_failure(checkout: Path) -> None:
    path = checkout / ".github" / "workflows" / "ml_analysis.yml"
    path.write_text(path.read_text().replace('- cron: "23 */6 * * *"', '- cron: "23 */6 * *"'))
    (finding,) = wrong(check_workflows(path.parent))
    assert "expected five fields" in finding.said


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("23 */6 * * *", True),
        ("0,30 1-5 1 */2 0-6", True),
        ("23 */6 * *", False),
        ("60 * * * *", False),
        ("23 24 * * *", False),
        ("23 */0 * * *", False),
        ("5-1 * * * *", False),
        ("hourly", False),
        ("", False),
    ],
)
def test_schedules_are_recognised(text: str, is_one: bool) -> None:
    assert is_cron(text) is is_one


@pytest.mark.parametrize(
    ("text", "hours"), [("23 */6 * * *", 6), ("23 * * * *", 1), ("23 4 * * 0", None)]
)
def test_the_hours_between_runs_are_read(text: str, hours: int | None) -> None:
    assert hours_between(text) == hours


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"functions": {"api/none.py": {}}})])
def test_a_broken_vercel_file_is_a_failure(checkout: Path, text: str) -> None:
    (checkout / "vercel.json").write_text(text)
    assert the(check_vercel(checkout), "vercel").state == "fail"
