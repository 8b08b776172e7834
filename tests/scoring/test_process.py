"""The command and its reading process, as the system sees them: signals, and streams that close."""

import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from scoring.__main__ import main, uninterrupted
from scoring.selection import Selection, window
from sql.database import Database
from tests.scoring.conftest import add, make


@pytest.mark.parametrize("closed", ["1", "2"])
def test_a_stream_that_is_closed_from_the_beginning_is_no_error(
    database: Database, database_url: str, models_folder: Path, closed: str
) -> None:
    command = [sys.executable, "-m", "scoring", "--folder", str(models_folder)]
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closed}>&-', "sh", *command],
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=False,
    )
    said = "" if closed == "1" else "nothing to score\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")


def test_a_time_back_from_now_is_one_for_the_window_and_for_the_run(
    database: Database,
    database_url: str,
    models_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    add(database, {"ingested_at": "2026-03-02T10:00:00Z"})
    windows: list[dict[str, Any]] = []

    def noted(control: Database, selection: Selection) -> dict[str, Any]:
        windows.append(window(control, selection))
        return windows[-1]

    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setattr("scoring.claim.window", noted)
    words = ("--folder", str(models_folder), "--json", "--since", "2026-01-01", "--until", "1h")
    assert main(list(words), is_hurried=True) == 0
    row = json.loads(capsys.readouterr().out)
    assert [datetime.fromisoformat(each["until"]) for each in windows] == [
        datetime.fromisoformat(row["window_until"])
    ]


def test_an_interrupt_waits_for_what_cannot_be_interrupted() -> None:
    steps = []
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        signal.raise_signal(signal.SIGINT)
        steps.append("went on")
    assert steps == ["went on"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_reading_process_whose_scorer_is_gone_ends_and_says_nothing(
    database: Database, database_url: str
) -> None:
    make(database, 50)
    with database.transaction():
        parameters = {**window(database, Selection("-infinity")), "model_id": 1}
    with subprocess.Popen(
        [sys.executable, "-m", "scoring.reader"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdout.close()
        process.stdin.write(json.dumps({"url": database_url, "parameters": parameters}).encode())
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == -signal.SIGPIPE
