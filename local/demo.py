"""The demo: real logs, from the files to the page, on one machine."""

import json
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from api.ml_lightweight import handler
from local import dashboard, postgres, web
from local.errors import DemoError
from local.lease import Lease
from local.once import Client, ask_all
from local.preparation import (
    DATABASE,
    ROOT,
    Preparation,
    connected,
    count_logs,
    environment,
)
from local.programs import version_of
from local.routing import Routing
from local.steps import Steps

READER = "logkiln_reader"
WRITER = "logkiln_writer"


def run(once: bool, port: int | None, home: Path) -> None:
    """Prepare everything in `home`, then serve until interrupted, or only ask `once`.

    Raises DemoError, or the error of the step that failed.
    """
    steps = Steps()
    documents: dict[str, bytes] = {}
    site = web.site(handler, Routing.read(ROOT / "vercel.json"), documents)
    # Before the work: a busy port should not be found out after it.
    with (
        web.listen(site, dashboard.SOURCES / "dist", port) as listener,
        running_server(home, steps) as server,
    ):
        if port is None and listener.server_port != web.FIRST_PORT:
            steps.note(f"port {web.FIRST_PORT} is in use: the page is on {listener.server_port}")
        preparation = Preparation(home, server, steps)
        with turn(home):
            shift = preparation.prepare()
        with steps.step("page") as step:
            dashboard.build(steps.note)
            step.result = "ready"
        documents["/demo.json"] = note_of(shift)
        token = serve_as_reader(server)
        if once:
            show_once(preparation, Client(listener.server_port, token), listener, steps)
        else:
            show(server, listener, token)


@contextmanager
def running_server(home: Path, steps: Steps) -> Iterator[postgres.Server]:
    """Start the demo's PostgreSQL; stop it at the end."""
    with steps.step("postgresql") as step:
        server = postgres.start(home / "postgres", say=steps.note)
        step.result = f"version {version_of(server.bin)}"
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def turn(home: Path) -> Iterator[None]:
    """Keep a second demo in the same folder waiting while this one prepares the database."""
    lease = Lease(home / "demo")
    try:
        with lease.turn():
            yield
    finally:
        lease.close()


def note_of(shift: timedelta) -> bytes:
    """Return what the page says about the times."""
    direction = "forward" if shift >= timedelta() else "back"
    note = (
        "This is a demo. Real programs wrote these logs, under faults injected on purpose; all "
        f"times are moved {direction} by {abs(shift)}, to the hour before the demo was first run."
    )
    document = {"shifted_by_seconds": shift.total_seconds(), "note": note}
    return json.dumps(document).encode()


def serve_as_reader(server: postgres.Server) -> str:
    """Let the function connect as the roles that only read, or judge; return a new token for it."""
    token = secrets.token_urlsafe(24)
    os.environ.update(environment(server.url(DATABASE, READER)))
    os.environ["WRITER_DATABASE_URL"] = server.url(DATABASE, WRITER)
    os.environ["API_TOKEN"] = token
    return token


def show(server: postgres.Server, listener: ThreadingHTTPServer, token: str) -> None:
    """Print the addresses and serve until interrupted."""
    print(f"\npage  http://{web.ADDRESS}:{listener.server_port}/#token={token}")
    print(f"psql  {server.psql_command(DATABASE)}")
    print("\nCtrl-C stops both.", flush=True)
    try:
        listener.serve_forever()
    except KeyboardInterrupt:
        print("\nstopped")


def show_once(
    preparation: Preparation, client: Client, listener: ThreadingHTTPServer, steps: Steps
) -> None:
    """Ask for the page and each action, print the counts as JSON; DemoError if any is amiss."""
    serving = threading.Thread(target=listener.serve_forever, args=(0.05,))
    serving.start()
    try:
        with steps.step("requests") as step:
            page, _ = client.get("/")
            statuses = ask_all(client)
            step.result = f"{len(statuses)} actions and the page"
        status = client.data("status")
    finally:
        listener.shutdown()
        serving.join()
    with connected(preparation.url) as database:
        logs = count_logs(database)
    found = report(logs, status, statuses, steps.seconds)
    print(json.dumps(found), flush=True)
    if wrong := amiss(found, page):
        raise DemoError("; ".join(wrong))


def report(
    logs: int, status: dict[str, Any], statuses: dict[str, int], seconds: float
) -> dict[str, Any]:
    """Return the last line of `--once`."""
    counts = {
        name: status.get(f"count_{name}")
        for name in ("predictions", "anomalies", "templates", "sources")
    }
    return {"logs": logs, **counts, "seconds": round(seconds, 1), "actions": statuses}


def amiss(found: dict[str, Any], page: int) -> list[str]:
    """Return what is wrong with a finished demo, a sentence each."""
    wrong = [
        f"/api/{name} answered {code}" for name, code in found["actions"].items() if code != 200
    ]
    if page != 200:
        wrong.append(f"the page answered {page}")
    if not found["logs"] or found["predictions"] != found["logs"]:
        wrong.append(f"{found['logs']} logs have {found['predictions']} predictions")
    return wrong
