"""How large the built function is, and how long it takes from nothing to its first answer."""

import http.client
import io
import shutil
import statistics
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import host
from local import postgres
from sql.database import connect
from sql.migrate import migrate

STARTS = 25
MEGABYTE = 1e6

EMPTY = """
from http.server import BaseHTTPRequestHandler


class handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
"""


def main() -> dict[str, float]:
    """Build, weigh and start the function; sizes in 10^6 bytes, times in ms (medians)."""
    with tempfile.TemporaryDirectory() as folder:
        built = host.build(Path(folder))
        empty = Path(folder, "empty.func")
        shutil.copytree(built.function, empty, symlinks=True)
        (empty / "api" / "ml_lightweight.py").write_text(EMPTY, encoding="utf-8")
        with _database() as url:
            environment = {"DATABASE_URL": url}
            pairs = [
                tuple(_cold(tree, built.python, environment) for tree in (built.function, empty))
                for _ in range(STARTS)
            ]
        weight = weigh(built.function)
    return {
        **weight,
        "cold_ms": round(statistics.median(ours for ours, _ in pairs), 1),
        # Of neighbours in time, so that other work on the machine weighs on both.
        "cold_over_empty_ms": round(statistics.median(ours - bare for ours, bare in pairs), 1),
    }


def weigh(function: Path) -> dict[str, float]:
    """Return the size of a built function, packed as it is uploaded, with and without pip."""
    files = [path for path in sorted(function.rglob("*")) if path.is_file()]
    without = [path for path in files if not is_pip(path.relative_to(function))]
    return {
        "zipped_mb": round(_zipped(files, function) / MEGABYTE, 2),
        "zipped_mb_without_pip": round(_zipped(without, function) / MEGABYTE, 2),
        "unzipped_mb": round(sum(path.stat().st_size for path in files) / MEGABYTE, 2),
    }


def is_pip(path: Path) -> bool:
    """Whether a file in the built function belongs to the pip that the builder seeds."""
    return path.parts[0] == "_vendor" and path.parts[1].split("-")[0] == "pip"


def _zipped(files: list[Path], function: Path) -> int:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(function))
    return packed.tell()


def _cold(function: Path, python: Path, environment: dict[str, str]) -> float:
    """Return the milliseconds from the start of the process to the end of its first answer."""
    with host.start(function, python, environment) as started:
        connection = http.client.HTTPConnection("127.0.0.1", started.port, timeout=30)
        connection.request("GET", "/api/health")
        answer = connection.getresponse()
        body = answer.read()
        seconds = time.perf_counter() - started.started_at
        connection.close()
    if answer.status != 200:
        raise host.HostError(f"the first answer was {answer.status}: {body.decode()}")
    return seconds * 1000


@contextmanager
def _database() -> Iterator[str]:
    with postgres.temporary() as server:
        database = connect(server.url())
        migrate(database)
        database.close()
        yield server.url(user="logkiln_reader")
