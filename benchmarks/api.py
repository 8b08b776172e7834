"""How fast the built function answers, with a hundred thousand predictions and with ten million.

Both are asked each question in turns with the same function answering `select 1`, so that whatever
else the machine does weighs on all three; then the larger is asked at a steady rate over many
connections.

To make the data takes minutes: `prepare=1` only does that, and leaves them for the next runs, of
the benchmark `queries`, too.
"""

import http.client
import json
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

from benchmarks import cases, history, host
from benchmarks.measure import say
from local import postgres
from sql.database import connect
from sql.migrate import migrate

TOKEN = {"Authorization": "Bearer benchmark"}
KEPT = Path(__file__).parents[1] / ".cache" / "benchmarks" / "api"
"""Data of the server, from one run to the next."""
QUERIES = Path("sql", "queries", "api_batches.sql")
BARE = "select 1 as batch_id, '1' as refreshed_at, '1' as data;\n\n"
BARE_ACTION = "models"
"""Which action answers `select 1` in the function that is compared with."""
SETTLING = 5

Milliseconds = list[float]


class Times(NamedTuple):
    """How long one question took: in turns over few and many predictions and as `select 1`."""

    few: Milliseconds
    many: Milliseconds
    select_1: Milliseconds
    at_a_rate: Milliseconds
    """Over many predictions, so many a second."""


class Question(NamedTuple):
    """What is asked: a path below /api/, and further headers."""

    path: str
    headers: Mapping[str, str] = {}


def main(
    few: int = 100_000,
    many: int = 10_000_000,
    requests: int = 200,
    per_second: int = 50,
    at_once: int = 20,
    days: int = 30,
    prepare: int = 0,
) -> dict[str, Any]:
    """Build, ask and return the figures; times in ms, `growth` is the worst action's."""
    server = postgres.start(KEPT, say=say)
    try:
        names = {size: prepared(server, size, days) for size in (few, many)}
        if prepare:
            return {"predictions_few": few, "predictions_many": many}
        with tempfile.TemporaryDirectory() as folder:
            built = host.build(Path(folder))
            bare = bare_of(built.function, Path(folder, "bare.func"))
            with (
                started(built.function, built, server, names[few]) as small,
                started(built.function, built, server, names[many]) as large,
                started(bare, built, server, names[many]) as select_1,
            ):
                ports = (small.port, large.port, select_1.port)
                return figures(measured(ports, requests, per_second, at_once))
    finally:
        server.stop()


def prepared(server: postgres.Server, size: int, days: int) -> str:
    """Return the name of a database with `size` predictions and logs; make it unless it is."""
    name = f"of_{size}_in_{days}"
    if not server.has_database(f"{name}_is_whole"):
        if server.has_database(name):
            server.drop_database(name)
        server.create_database(name)
        database = connect(server.url(name), "benchmark")
        migrate(database)
        history.fill(database, days, size // days, with_logs=True)
        database.close()
        server.create_database(f"{name}_is_whole")
    database = connect(server.url(name), "benchmark")
    migrate(database)  # The data may be older than the code.
    with database.transaction():
        database.execute("schema.refresh")
    database.close()
    return name


def started(
    function: Path, built: host.Built, server: postgres.Server, name: str
) -> AbstractContextManager[host.Started]:
    """Start a function over the database `name`."""
    environment = {"DATABASE_URL": server.url(name, "logkiln_reader"), "API_TOKEN": "benchmark"}
    return host.start(function, built.python, environment)


def measured(
    ports: tuple[int, int, int], requests: int, per_second: int, at_once: int
) -> dict[str, Times]:
    """Return the times of each case; `ports` are of the small one, the large one and `select 1`."""
    small, large, bare = ports
    smaller = questions_of(small)
    times = {}
    for case, question in questions_of(large).items():
        asked = ((small, smaller[case]), (large, question), (bare, Question(BARE_ACTION)))
        few, many, select_1 = in_turns(asked, requests)
        at_a_rate = at_rate(large, question, requests, per_second, at_once)
        times[case] = Times(few, many, select_1, at_a_rate)
        told = " ".join(f"{statistics.median(each):.2f}" for each in (few, many, select_1))
        say(f"{case}: few, many, select 1: {told} ms; p99 at a rate {p99(at_a_rate):.1f}")
    return times


def figures(measured: dict[str, Times]) -> dict[str, Any]:
    """Return the figures of each case and the worst ones."""
    per_action = {}
    for case, times in measured.items():
        few, many, select_1 = (statistics.median(each) for each in times[:3])
        per_action[case] = {
            "p50_ms": round(many, 2),
            "select1_p50_ms": round(select_1, 2),
            "ratio": round(many / select_1, 2),
            "p99_ms": round(p99(times.at_a_rate), 2),
            "growth": round(many / few, 2),
        }

    def worst(key: str) -> float:
        return max(figure[key] for figure in per_action.values())

    return {
        "worst_p50_ratio_to_select1": worst("ratio"),
        "worst_p99_ms": worst("p99_ms"),
        "growth": worst("growth"),
        "per_action": per_action,
    }


def p99(times: Milliseconds) -> float:
    """Return the 99th percentile."""
    return statistics.quantiles(times, n=100, method="inclusive")[98]


def bare_of(function: Path, copy: Path) -> Path:
    """Copy a built function; in the copy one action answers `select 1`."""
    shutil.copytree(function, copy, symlinks=True)
    text = (copy / QUERIES).read_text(encoding="utf-8")
    block = rf"-- name: {BARE_ACTION} in .*?(?=-- name: |\Z)"
    changed, count = re.subn(block, f"-- name: {BARE_ACTION}\\n{BARE}", text, flags=re.DOTALL)
    if count != 1:
        raise host.HostError(f"{QUERIES} has {count} statements {BARE_ACTION}, expected one")
    (copy / QUERIES).write_text(changed, encoding="utf-8")
    return copy


@contextmanager
def asking(port: int) -> Iterator[http.client.HTTPConnection]:
    """Keep a connection to the function at `port` open."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    yield connection
    connection.close()


def ask(connection: http.client.HTTPConnection, question: Question) -> tuple[str | None, bytes]:
    """Ask once, read the answer to its end and return its ETag and body.

    Raises HostError unless it is a good one.
    """
    connection.request("GET", f"/api/{question.path}", headers={**TOKEN, **question.headers})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != (304 if question.headers else 200):
        raise host.HostError(f"/api/{question.path}: {answer.status}: {body[:300].decode()}")
    return answer.getheader("ETag"), body


def questions_of(port: int) -> dict[str, Question]:
    """Return what is asked, by name: all of benchmarks/cases.py, and an unchanged answer."""
    with asking(port) as connection:
        _, body = ask(connection, Question("anomalies?limit=1"))
        tag, _ = ask(connection, Question("status"))
    [anomaly] = json.loads(body)["data"]["items"]
    paths = cases.paths(anomaly)
    return {
        "a 304": Question("status", {"If-None-Match": tag or ""}),
        **{case: Question(path) for case, path in paths.items()},
    }


def in_turns(asked: Sequence[tuple[int, Question]], requests: int) -> list[Milliseconds]:
    """Ask each function, by its port, its question, one after the other, `requests` times."""
    times: list[Milliseconds] = [[] for _ in asked]
    with ExitStack() as stack:
        connections = [stack.enter_context(asking(port)) for port, _ in asked]
        for turn in range(requests + SETTLING):
            for into, connection, (_, question) in zip(times, connections, asked, strict=True):
                began = time.perf_counter()
                ask(connection, question)
                if turn >= SETTLING:  # the first ones connect and fill caches
                    into.append((time.perf_counter() - began) * 1000)
    return times


def at_rate(
    port: int, question: Question, requests: int, per_second: int, at_once: int
) -> Milliseconds:
    """Ask `per_second` times a second over `at_once` connections, whether answers come or not.

    Each time counts from when the request was due, so that waiting for a free connection counts.
    """
    free: SimpleQueue[http.client.HTTPConnection] = SimpleQueue()
    # One after the other: the host's server lets five wait for it, and a sixth tries again in 1 s.
    for _ in range(at_once):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        ask(connection, question)
        free.put(connection)
    began = time.perf_counter() + 0.1

    def one(number: int) -> float:
        due = began + number / per_second
        time.sleep(max(0.0, due - time.perf_counter()))
        connection = free.get()
        ask(connection, question)
        seconds = time.perf_counter() - due
        free.put(connection)
        return seconds * 1000

    try:
        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(one, range(requests)))
    finally:
        while not free.empty():
            free.get().close()
