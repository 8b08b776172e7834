"""The demo, as a person runs it: from nothing, again, after a kill, on a busy port."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from api._actions import ACTIONS
from local.preparation import DATABASE, RUNS
from tests.demo import Machine, demo_on, once, read_until, start
from tests.servers import new_home
from training.capture import corpus

ROOT = Path(__file__).parents[2]
COUNTS = ("logs", "predictions", "anomalies", "templates", "sources")


def read_all(process: subprocess.Popen[str]) -> tuple[str, str]:
    said, complaints = process.communicate(timeout=60)
    return said, complaints


@pytest.mark.slow
@pytest.mark.timeout(900)  # three runs, one of them whole, on a machine that may be busy
def test_every_log_is_scored_and_every_action_answers(first_run: dict[str, Any]) -> None:
    assert first_run["logs"] >= 20_000
    assert first_run["predictions"] == first_run["logs"]
    assert 0 < first_run["anomalies"] < first_run["logs"] / 20
    assert first_run["sources"] >= 5
    assert first_run["actions"] == dict.fromkeys(ACTIONS, 200)


@pytest.mark.slow
def test_a_second_run_is_quicker_and_changes_no_count(
    machine: Machine, first_run: dict[str, Any]
) -> None:
    second = once(machine)
    assert {name: second[name] for name in COUNTS} == {name: first_run[name] for name in COUNTS}
    assert second["seconds"] < first_run["seconds"] / 2


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_ended(
    machine: Machine, first_run: dict[str, Any], ending: signal.Signals
) -> None:
    with demo_on(machine) as demo:
        assert demo.stdout is not None
        address = read_until(demo.stdout, "page  http").split()[1]
        psql = read_until(demo.stdout, "psql  ").removeprefix("psql").strip()
        found = re.fullmatch(r"(http://127\.0\.0\.1:\d+)/#token=(\S+)", address)
        assert found is not None
        site, token = found.groups()
        with urllib.request.urlopen(site, timeout=30) as page:
            assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        with urllib.request.urlopen(f"{site}/demo.json", timeout=30) as note:
            assert "times are moved" in json.load(note)["note"]
        request = urllib.request.Request(
            f"{site}/api/status", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert json.load(answer)["data"]["count_predictions"] == first_run["predictions"]
        counted = subprocess.run(
            f"{psql} -Atc 'select count(*) from log_entries'",
            shell=True,
            check=True,
            capture_output=True,
            text=True,
        )
        assert int(counted.stdout) == first_run["logs"]
        demo.send_signal(ending)
        _, complaints = read_all(demo)
    assert (demo.returncode, complaints) == (0, "")
    assert not (machine.home / "postgres" / "postmaster.pid").exists()


@pytest.mark.slow
def test_a_fault_is_found_from_the_overview_by_two_clicks(
    machine: Machine, first_run: dict[str, Any], browser: Browser
) -> None:
    with demo_on(machine) as demo, browser.new_context(reduced_motion="reduce") as context:
        assert demo.stdout is not None
        address = read_until(demo.stdout, "page  http").split()[1]
        with urllib.request.urlopen(f"{address.split('#')[0]}demo.json", timeout=30) as note:
            moved = timedelta(seconds=json.load(note)["shifted_by_seconds"])
        page = context.new_page()
        page.goto(address)
        # One of the darkest rows, then what stands out in it.
        page.locator("#sources tr[data-source=nginx-error] th button").click()
        entry = page.locator(
            ".anomaly", has_text="connect() failed (111: Connection refused)"
        ).first
        entry.locator("button.text").click()
        line = page.locator(".log-view .line.current")
        line.wait_for()
        at = datetime.fromisoformat(line.locator("time").get_attribute("datetime") or "") - moved
        injected = [
            window.fault
            for run in RUNS
            for window in corpus.ledger(run)
            if window.fault
            and "nginx-error" in window.affected
            and window.start <= at <= window.end
        ]
        assert injected
        assert page.locator(".log-view .why li").count() > 0
        assert page.locator(".log-view .line").count() > 1
        demo.send_signal(signal.SIGINT)
        read_all(demo)


@pytest.mark.slow
def test_changed_code_or_logs_begin_anew(machine: Machine, first_run: dict[str, Any]) -> None:
    note = machine.home / "postgres" / f"{DATABASE}.json"
    note.write_text(note.read_text().replace('"key": "', '"key": "older'))
    again = once(machine)
    assert {name: again[name] for name in COUNTS} == {name: first_run[name] for name in COUNTS}


def test_a_busy_port_is_named_before_any_work(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with start(tmp_path, "demo", "--once", "--port", str(port)) as demo:
            said, complaints = read_all(demo)
    assert (demo.returncode, said) == (1, "")
    assert complaints.startswith(f"error: port {port} is in use by another program: ")
    assert list(tmp_path.iterdir()) == []


def test_training_libraries_stay_out_of_the_serving_process() -> None:
    code = (
        "import local.demo, sys; print({'sklearn', 'skl2onnx', 'onnxruntime'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "set()\n"


def test_postgres_runs_until_ended_and_clean_removes_it() -> None:
    home = new_home()
    with start(home, "postgres") as server:
        assert server.stdout is not None
        line = read_until(server.stdout, "  export DATABASE_URL=")
        psql = server.stdout.readline().strip()
        answer = subprocess.run(
            f"{line.strip()}; {psql} -Atc 'select 1'; {sys.executable} -m sql migrate",
            shell=True,
            check=True,
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        assert answer.stdout.startswith("1\napplied ")
        with start(home, "clean") as refused:
            _, complaints = read_all(refused)
        assert refused.returncode == 1
        assert "is in use: end what uses it first" in complaints
        server.send_signal(signal.SIGTERM)
        read_all(server)
    assert server.returncode == 0
    with start(home, "clean") as cleaned:
        read_all(cleaned)
    assert cleaned.returncode == 0
    assert not (home / "postgres").exists()
    shutil.rmtree(home)


def test_wrong_words_are_refused(tmp_path: Path) -> None:
    with start(tmp_path, "demo", "--port", "many") as demo:
        _, complaints = read_all(demo)
    assert demo.returncode == 2
    assert "invalid int value: 'many'" in complaints
