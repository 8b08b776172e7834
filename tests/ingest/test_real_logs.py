"""Logs that real programs wrote are told for what they are and read, nearly line for line."""

from pathlib import Path

import pytest

from ingest.load import survey
from ingest.loaded import FileLoaded
from ingest.read import Reading

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "training" / "capture" / "corpus"
SHARED = ROOT.parent / "shared" / "data" / "raw"

LEAST_READ = 0.99

FORMAT_OF = {
    "apache-access": "access",
    "apache-error": "apache_error",
    "celery": "python",
    "cron": "syslog_3164",
    "dovecot": "dovecot",
    "etcd": "json",
    "gunicorn": "python",
    "haproxy": "syslog_5424",
    "mariadb": "mysql",
    "mosquitto": "timestamped",
    "named": "bind",
    "nginx-access": "access",
    "nginx-error": "nginx_error",
    "payments": "json",
    "postfix": "syslog_5424",
    "postgresql": "postgresql",
    "rabbitmq": "rabbitmq",
    "redis": "redis",
    "rsyslog": "syslog_5424",
    "shop": "python",
    "slapd": "syslog_5424",
    "squid-access": "squid_access",
    "squid-cache": "squid",
    "sshd": "syslog_5424",
    "tomcat": "tomcat",
    "tomcat-access": "access",
    "zookeeper-1": "log4j",
    "zookeeper-2": "log4j",
    "zookeeper-3": "log4j",
}
"""Program in the corpus to the format of its log."""

SHARED_LOGS = {
    "elastic_apache_access.log.gz": ("access", 10_000),
    "elastic_auth.log.gz": ("syslog_3164", 7_121),
    "elastic_kafka_server.log.gz": ("kafka", 61),
    "pgbadger_cnpg.log.gz": ("json", 2_022),
    "rootly_apache_error.log.gz": ("apache_error", 19_523),
    "rootly_openssh.log.gz": ("syslog_3164", 38_660),
}
"""File to its format and the number of its entries."""


def surveyed(path: Path) -> FileLoaded:
    loaded = survey([path], Reading(), say=lambda _: None)
    assert loaded.failures == {}
    return loaded.files[0]


@pytest.mark.parametrize(
    "path",
    sorted(CORPUS.glob("*-[1-3]/*.log.gz")),
    ids=lambda path: f"{path.parent.name}-{path.name}",
)
def test_a_captured_log_is_told_and_read(path: Path) -> None:
    done = surveyed(path)
    program = path.name.removesuffix(".log.gz")
    assert program in FORMAT_OF, f"say in FORMAT_OF what format {program} writes"
    assert done.format == FORMAT_OF[program]
    assert done.by_format[done.format] >= LEAST_READ * done.count_entries
    assert done.count_unparsed <= (1 - LEAST_READ) * done.count_entries


@pytest.fixture
def shared_logs() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"the public logs are not here: no folder {SHARED}")
    return SHARED


@pytest.mark.shared_data
@pytest.mark.parametrize("name", SHARED_LOGS)
def test_a_public_log_is_told_and_read_without_a_line_left_over(
    name: str, shared_logs: Path
) -> None:
    done = surveyed(shared_logs / name)
    assert (done.format, done.count_entries) == SHARED_LOGS[name]
    assert done.count_unparsed == 0
    assert done.by_format == {done.format: done.count_entries}
