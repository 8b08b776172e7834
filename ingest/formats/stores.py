"""Stores and queues: Redis and Valkey, MariaDB and MySQL, RabbitMQ."""

from ingest.entry import Entry
from ingest.formats.format import Following, Format
from ingest.formats.layout import Layouts
from ingest.formats.severities import REDIS_LEVELS
from ingest.times import Times

_REDIS = Layouts(
    "{pid}:{role:redis_role} {time:spaced} {level:redis} {message}",
    "{pid}:signal-handler ({time:epoch}) {message}",
    "[{pid}] {time:day_month} {level:redis} {message}",  # before 3.0, without a year
    redis=r"[.*#-]",
    redis_role=r"[XCSM]",
)
_MYSQL = Layouts(
    "{time:iso} {tid} [{level:level_or_any}] [{code:word}] [{subsystem:word}] {message}",  # MySQL 8
    "{time:iso} {tid} [{level:level_or_any}] {message}",  # MariaDB
    "{time:compact} [{level:level_or_any}] {message}",  # MariaDB's report of its own crash
)
_RABBITMQ = Layouts(
    "{time:iso} [{level:level_or_any}] <{process:erlang}> {message}", erlang=r"[\d.]+"
)


def parse_redis(line: str, times: Times) -> Entry | None:
    """Read `1234:M 24 Nov 2026 10:00:00.123 * text`; the mark becomes its level's name."""
    entry = _REDIS.parse(line, times)
    if entry is not None:
        entry.level = REDIS_LEVELS.get(entry.level or "")
    return entry


FORMATS = [
    Format("redis", "Redis or Valkey", parse_redis, Following.FREE),
    Format("rabbitmq", "RabbitMQ", _RABBITMQ.parse, Following.FREE),
    Format("mysql", "MariaDB or MySQL", _MYSQL.parse, Following.FREE),
]
