"""How fast the built function answers, with a hundred thousand predictions and with ten million.

Each action is compared with the same function answering `select 1`, in turns, so that whatever
else the machine does weighs on both; then all are asked at a steady rate over many connections.
"""

import http.client
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from urllib.parse import urlencode

from api._actions import ACTIONS
from benchmarks import history, host
from benchmarks.measure import say
from local import postgres
from sql.database import connect
from sql.migrate import migrate

TOKEN = {"Authorization": "Bearer benchmark"}
QUERIES = Path("sql", "queries", "api.sql")
BARE = "select 1 as batch_id, '1' as refreshed_at, '1' as data;\n\n"
BARE_ACTION = "models"
"""Which action answers `select 1` in the function that is compared with."""
SETTLING = 5

Milliseconds = list[float]


def main(
    few: int = 100_000,
    many: int = 10_000_000,
    requests: int = 200,
    per_second: int = 50,
    at_once: int = 20,
    days: int = 7,
) -> dict[str, Any]:
    """Build, fill, ask and return the figures; times in ms, `growth` is the worst action's."""
    medians: dict[int, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name, postgres.temporary() as server:
        built = host.build(Path(name))
        bare = bare_of(built.function, Path(name, "bare.func"))
        for size in (few, many):
            say(f"{size:,} predictions: filling")
            fill(server, f"of_{size}", size, days)
            environment = {
                "DATABASE_URL": server.url(f"of_{size}", "logkiln_reader"),
                "API_TOKEN": "benchmark",
            }
            with (
                host.start(built.function, built.python, environment) as ours,
                host.start(bare, built.python, environment) as select_1,
            ):
                cases = cases_of(ours.port)
                turns = {path: in_turns(ours.port, select_1.port, path, requests) for path in cases}
                loaded = {
                    path: at_rate(ours.port, path, requests, per_second, at_once) for path in cases
                }
            medians[size] = {path: statistics.median(own) for path, (own, _) in turns.items()}
            for path in cases:
                say(f"{size:,} {path}: {medians[size][path]:.2f} ms, p99 {p99(loaded[path]):.1f}")
    return {
        **figures(cases, turns, loaded),
        "growth": max(round(grown(medians, cases, path, few, many), 2) for path in cases),
        "per_action": {
            cases[path]: {
                "path": path,
                "p50_ms": round(medians[many][path], 2),
                "select1_p50_ms": round(statistics.median(turns[path][1]), 2),
                "p99_ms": round(p99(loaded[path]), 2),
                "growth": round(grown(medians, cases, path, few, many), 2),
            }
            for path in cases
        },
    }


def figures(
    cases: dict[str, str],
    turns: dict[str, tuple[Milliseconds, Milliseconds]],
    loaded: dict[str, Milliseconds],
) -> dict[str, float]:
    """Return the worst ratio of medians and the worst 99th percentile over all `cases`."""
    ratios = [
        statistics.median(turns[path][0]) / statistics.median(turns[path][1]) for path in cases
    ]
    return {
        "worst_p50_ratio_to_select1": round(max(ratios), 2),
        "worst_p99_ms": round(max(p99(loaded[path]) for path in cases), 2),
    }


def grown(
    medians: dict[int, dict[str, float]], cases: dict[str, str], path: str, few: int, many: int
) -> float:
    """Return by how much the median grew; the paths differ by their ids, so cases are matched."""
    names = list(cases.values())
    before = list(medians[few].values())[names.index(cases[path])]
    return medians[many][path] / before


def p99(times: Milliseconds) -> float:
    """Return the 99th percentile."""
    return statistics.quantiles(times, n=100, method="inclusive")[98]


def bare_of(function: Path, copy: Path) -> Path:
    """Copy a built function; in the copy one action answers `select 1`."""
    shutil.copytree(function, copy, symlinks=True)
    text = (copy / QUERIES).read_text(encoding="utf-8")
    block = rf"(-- name: {BARE_ACTION}\n).*?(?=-- name: |\Z)"
    changed, count = re.subn(block, lambda found: found[1] + BARE, text, flags=re.DOTALL)
    if count != 1:
        raise host.HostError(f"{QUERIES} has {count} statements {BARE_ACTION}, expected one")
    (copy / QUERIES).write_text(changed, encoding="utf-8")
    return copy


def fill(server: postgres.Server, name: str, size: int, days: int) -> None:
    """Make a database with `size` predictions of the last `days` days, and its statistics."""
    server.create_database(name)
    database = connect(server.url(name), "benchmark")
    migrate(database)
    history.fill(database, days, size // days)
    with database.transaction():
        database.execute("schema.refresh")
    database.close()


@contextmanager
def asking(port: int) -> Iterator[http.client.HTTPConnection]:
    """Keep a connection to the function at `port` open."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    yield connection
    connection.close()


def ask(
    connection: http.client.HTTPConnection, path: str, **headers: str
) -> http.client.HTTPResponse:
    """Ask once and read the answer to its end; HostError unless it is a good one."""
    connection.request("GET", f"/api/{path}", headers={**TOKEN, **headers})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status not in (200, 304):
        raise host.HostError(f"/api/{path} answered {answer.status}: {body[:300].decode()}")
    return answer


def cases_of(port: int) -> dict[str, str]:
    """Return what is asked, by path: every action as it is, and the searches that are costly."""
    with asking(port) as connection:
        connection.request("GET", "/api/anomalies?limit=1", headers=TOKEN)
        text = connection.getresponse().read().decode()
    found = {
        key: re.findall(rf'"{key}":"?([^",]+)', text)[0]
        for key in ("log_entry_id", "logged_at", "template_id", "source")
    }
    place = urlencode({"id": found["log_entry_id"], "at": found["logged_at"]})
    cases = {name: name for name in ACTIONS if name not in ("log", "openapi.json")}
    return cases | {
        f"log?{place}": "log",
        f"analyze?template_id={found['template_id']}": "analyze by template",
        f"analyze?source={found['source']}": "analyze by source",
        "analyze?level=ERROR": "analyze by level",
        "analyze?anomaly=true": "analyze anomalies",
        "trends?by=source": "trends by source",
        "patterns?kind=rare": "rare patterns",
        "patterns?kind=surging": "surging patterns",
        "patterns?kind=vanished": "vanished patterns",
    }


def in_turns(
    ours: int, select_1: int, path: str, requests: int
) -> tuple[Milliseconds, Milliseconds]:
    """Ask both functions one after the other, `requests` times; return the times of each."""
    times: tuple[Milliseconds, Milliseconds] = ([], [])
    with asking(ours) as own, asking(select_1) as bare:
        for turn in range(requests + SETTLING):
            for connection, asked, into in ((own, path, 0), (bare, BARE_ACTION, 1)):
                started = time.perf_counter()
                ask(connection, asked)
                if turn >= SETTLING:  # the first ones connect and fill caches
                    times[into].append((time.perf_counter() - started) * 1000)
    return times


def at_rate(port: int, path: str, requests: int, per_second: int, at_once: int) -> Milliseconds:
    """Ask `per_second` times a second over `at_once` connections, whether answers come or not.

    Each time counts from when the request was due, so that waiting for a free connection counts.
    """
    free: SimpleQueue[http.client.HTTPConnection] = SimpleQueue()
    # One after the other: the host's server lets five wait for it, and a sixth tries again in 1 s.
    for _ in range(at_once):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        ask(connection, path)
        free.put(connection)
    began = time.perf_counter() + 0.1

    def one(number: int) -> float:
        due = began + number / per_second
        time.sleep(max(0.0, due - time.perf_counter()))
        connection = free.get()
        ask(connection, path)
        seconds = time.perf_counter() - due
        free.put(connection)
        return seconds * 1000

    try:
        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(one, range(requests)))
    finally:
        while not free.empty():
            free.get().close()
