"""Java: log4j and Logback in their usual orders, Spring Boot, Kafka, Elasticsearch, Tomcat, JUL."""

import re

from ingest.entry import Entry
from ingest.formats.format import Absorbed, Following, Format
from ingest.formats.layout import Layouts
from ingest.times import Times

_SPRING_BOOT = Layouts(
    "{time:iso} {level} {pid} --- [{application:thread}] [{thread}] [{trace_id:trace}] "
    "{logger:word} : {message}",
    "{time:iso} {level} {pid} --- [{application:thread}] [{thread}] {logger:word} : {message}",
    "{time:iso} {level} {pid} --- [{thread}] {logger:word} : {message}",
    "{time:iso} {level} [{application:traced}] {pid} --- [{thread}] {logger:word} : {message}",
    trace=r"[\da-fA-F-]*",
    traced=r"[^\]]*,[^\]]*",
)
_KAFKA = Layouts("[{time:iso}] {level} {message} ({logger:dotted})")
_ELASTICSEARCH = Layouts(
    "[{time:iso}][{level}{_:blanks}][{logger:thread}] [{node:thread}] {message}",
    "[{time:iso}][{level}{_:blanks}][{logger:thread}] {message}",
)
_TOMCAT = Layouts("{time:dashed} {level} [{thread}] {logger:dotted} {message}")
_LOG4J = Layouts(
    "{time:iso} {level} [{thread:threads}] {logger:dotted} - {message}",
    "{time:iso} [{thread:threads}] {level} {logger:word} - {message}",
    "{time:iso} [{thread:threads}] {level} {logger:class}: {message}",
    "{time:iso} {level} [{thread:threads}] {logger:class}: {message}",
    "{time:iso} {level} [{logger:thread}] ({thread:parenthesised}) {message}",  # WildFly
    "{time:iso} [myid:{node:thread}] - {level} [{thread:threads}:{logger:class}@{line}] - "
    "{message}",  # ZooKeeper
    "{time:iso} - {level} [{thread:threads}:{logger:class}@{line}] - {message}",
    "{time:iso} [myid:{node:thread}] - {level} [{thread:threads}] - {message}",
    "{time:iso} - {level} [{thread:threads}] - {message}",
    "{time:iso} {level} {logger:class} - {message}",
    "{time:iso} {level} {logger:class}: {message}",
    "{time:iso} {level} {logger:class} [{thread:threads}] {message}",
    "{time:short} {level} {logger:dotted}: {message}",  # Spark
    "{time:short} {level} {logger:class}: {message}",
    "{time:digits} {tid} {level} {logger:dotted}: {message}",  # HDFS
    "{level} [{thread:threads}] {time:iso} {file:word}:{line} - {message}",  # Cassandra
    "{level} [{time:iso}] {logger:dotted}: {message}",  # Dropwizard
    "{level} {time:iso} [{thread:threads}] {logger:dotted} - {message}",
    "{time:clock} [{thread:threads}] {level} {logger:word} - {message}",  # Logback's default
    "{time:clock} {level} [{logger:thread}] ({thread:parenthesised}) {message}",
    threads=r"[^\[\]]*(?:\[[^\]]*\][^\[\]]*)?",  # the name of a thread may hold brackets
    parenthesised=r"[^)]*",
)
_JUL_HEAD = Layouts("{time:twelve} {message}")
_JUL_TEXT = re.compile(r"(SEVERE|WARNING|INFO|CONFIG|FINE|FINER|FINEST): (.*)\Z", re.DOTALL)


def parse_jul(line: str, times: Times) -> Entry | None:
    """Read the first line of java.util.logging's two: time, class, method; the text follows."""
    entry = _JUL_HEAD.parse(line, times)
    if entry is None:
        return None
    logger, _, method = entry.message.partition(" ")
    if not method or " " in method:
        return None
    entry.attributes.update(logger=logger, method=method)
    entry.message = ""
    return entry


def absorb_jul(entry: Entry, line: str) -> Absorbed | None:
    """Take the second line, `INFO: text`."""
    if entry.level is not None or not (found := _JUL_TEXT.match(line)):
        return None
    entry.level = found[1]
    return Absorbed(found[2])


def parse_elasticsearch(line: str, times: Times) -> Entry | None:
    """Read `[2024-01-01T10:00:00,123][INFO ][o.e.n.Node  ] [node-1] text`."""
    entry = _ELASTICSEARCH.parse(line, times)
    if entry is not None:
        entry.attributes["logger"] = entry.attributes["logger"].strip()
    return entry


FORMATS = [
    Format("spring_boot", "Spring Boot", _SPRING_BOOT.parse, Following.FREE),
    Format("kafka", "Kafka", _KAFKA.parse, Following.FREE),
    Format("elasticsearch", "Elasticsearch", parse_elasticsearch, Following.FREE),
    Format("tomcat", "Tomcat", _TOMCAT.parse, Following.FREE),
    Format("log4j", "log4j or Logback", _LOG4J.parse, Following.FREE),
    Format("jul", "java.util.logging", parse_jul, Following.FREE, absorb_jul),
]
