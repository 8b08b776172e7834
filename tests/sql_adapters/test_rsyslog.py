"""A line that `logger` sends to a running rsyslogd gets its prediction."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sql.database import Database
from tests.scoring.checks import check_exactly_once
from tests.scoring.conftest import Score, score
from tests.sql_adapters.test_adapters import install, rows, run

__all__ = ["score"]

MODULES = [
    *Path("/usr/lib").glob("rsyslog/ompgsql.so"),
    *Path("/usr/lib").glob("*/rsyslog/ompgsql.so"),
]
CONFIGURATION = """\
global(workDirectory="{folder}")
module(load="imuxsock" sysSock.use="off")
module(load="ompgsql")
input(type="imuxsock" socket="{folder}/log")
action(type="ompgsql" conninfo="{url}" action.resumeRetryCount="-1")
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="rsyslog-") as name:
        yield Path(name)


@pytest.fixture
def rsyslog(folder: Path, database_url: str, database: Database) -> Iterator[Path]:
    """The socket of an rsyslogd that writes into the database, adapter and all."""
    rsyslogd = shutil.which("rsyslogd", path="/usr/sbin:/sbin:/usr/bin")
    # Machines with rsyslog but without its module for PostgreSQL are many.
    if rsyslogd is None or not MODULES:
        pytest.skip("rsyslogd or its ompgsql is not here: apt-get install rsyslog-pgsql")
    run(database, "rsyslog_table")
    install(database, "rsyslog")
    configuration = folder / "rsyslog.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, url=database_url))
    command = [rsyslogd, "-n", "-f", str(configuration), "-i", str(folder / "pid")]
    with (
        (folder / "said").open("wb") as said,
        # In the zone in which the adapter takes its times.
        subprocess.Popen(command, env={"TZ": "UTC0"}, stdout=said, stderr=said) as process,
    ):
        try:
            yield folder / "log"
        finally:
            process.terminate()


def wait_for(count: int, database: Database, said: Path) -> None:
    deadline = time.monotonic() + 30
    while len(found := rows(database, "adapted")) < count:
        assert time.monotonic() < deadline, f"{len(found)} of {count} rows; {said.read_text()}"
        time.sleep(0.1)


def test_a_line_sent_by_logger_gets_its_prediction(
    rsyslog: Path, database: Database, score: Score
) -> None:
    deadline = time.monotonic() + 30
    while not rsyslog.exists():
        assert time.monotonic() < deadline, (rsyslog.parent / "said").read_text()
        time.sleep(0.05)
    text = "disk 'sdb' failed: <b>stopped</b>"
    command = ["logger", "--socket", str(rsyslog), "--priority", "daemon.err", "--id=4711"]
    subprocess.run([*command, "--tag", "backup", text], check=True)
    wait_for(1, database, rsyslog.parent / "said")

    batch = score()
    assert batch is not None
    assert batch["count_logs"] == 1
    check_exactly_once(database)
    (served,) = rows(database, "served")
    assert (served["source"], served["declared_level"]) == ("backup", "err")
    assert served["message"] == text
    (adapted,) = rows(database, "adapted")
    assert adapted["is_timely"]
    assert score() is None
