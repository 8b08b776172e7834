"""The page in Chromium, served by the local server with the real function over a real database."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from api import _connections
from api.ml_lightweight import handler
from local import dashboard, postgres, web
from local.preparation import DATABASE
from local.programs import installed
from local.routing import Routing
from sql.database import connect
from tests.demo import Machine

ROOT = Path(__file__).parents[2]
TOKEN = "test-token"
SEEDED = "dashboard"
JUDGED = "judged_page"


@pytest.fixture(scope="session")
def built_page() -> Path:
    """The folder of the built page; built now if its sources changed."""
    return dashboard.build()


@contextmanager
def serving(page: Path, documents: dict[str, bytes] | None = None) -> Iterator[str]:
    """Serve the page and the function on a free port; yield the address."""
    site = web.site(handler, Routing.read(ROOT / "vercel.json"), documents or {})
    server = web.listen(site, page, port=0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://{web.ADDRESS}:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        _connections.forget()


@pytest.fixture(scope="session")
def seeded(postgres_server: postgres.Server, migrated_template: str) -> str:
    """The address of a database that is only read: three days of logs, hostile ones among them."""
    postgres_server.create_database(SEEDED, migrated_template)
    url = postgres_server.url(SEEDED)
    database = connect(url)
    with database.transaction():
        database.run_text((Path(__file__).parent / "seed.sql").read_text(encoding="utf-8"))
        database.execute("schema.refresh")
    database.close()
    return url


@pytest.fixture(scope="package")
def demo(machine: Machine, first_run: dict[str, Any]) -> Iterator[postgres.Server]:
    """The server of the demo, whose database is only read: real logs, judged by a trained model."""
    server = postgres.start(machine.home / "postgres")
    yield server
    server.stop()


@pytest.fixture(scope="package", params=["seeded", pytest.param("demo", marks=pytest.mark.slow)])
def stocked(request: pytest.FixtureRequest) -> str:
    """The address of a database that is only read: once the seeded one, once the demo's."""
    if request.param == "seeded":
        return str(request.getfixturevalue("seeded"))
    server: postgres.Server = request.getfixturevalue("demo")
    return server.url(DATABASE)


@pytest.fixture(params=["seeded"])
def judged(request: pytest.FixtureRequest) -> Iterator[postgres.Server]:
    """The server of a database JUDGED, a copy to write in; of the demo's if so asked."""
    original = request.getfixturevalue(request.param)
    if request.param == "seeded":
        server, template = request.getfixturevalue("postgres_server"), SEEDED
    else:
        server, template = original, DATABASE
    server.create_database(JUDGED, template)
    yield server
    _connections.forget()
    server.drop_database(JUDGED)


@pytest.fixture
def served_url(request: pytest.FixtureRequest) -> str:
    """The database behind the page: the one that is asked for, or an empty one."""
    asked = request.fixturenames
    if "judged" in asked:
        server: postgres.Server = request.getfixturevalue("judged")
        return server.url(JUDGED)
    known = (name for name in ("stocked", "seeded") if name in asked)
    return str(request.getfixturevalue(next(known, "database_url")))


TOKENS = f"tests:read+raw+write:{TOKEN} masked:read:masked-token"


@pytest.fixture
def environment(served_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the function reads at each request: its database, and who may ask."""
    monkeypatch.setenv("DATABASE_URL", served_url)
    monkeypatch.setenv("API_TOKEN", TOKENS)
    yield
    _connections.forget()


@pytest.fixture(scope="session")
def site(built_page: Path) -> Iterator[str]:
    """The address at which the page is served; `environment` says over which database."""
    with serving(built_page) as at:
        yield at


@pytest.fixture
def address(environment: None, site: str) -> str:
    """The address of the page over the test's own database."""
    return site


View = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def view(served_url: str) -> View:
    """Ask the database itself, as a person with psql would, past all of our code."""

    def rows(select: str) -> list[dict[str, Any]]:
        sql = f"select coalesce(json_agg(rows), '[]') from ({select}) as rows"
        command = [str(installed() / "psql"), "-XAt", "-c", sql, served_url]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    return rows


class Visit:
    """An open page and what went wrong on it."""

    def __init__(self, page: Page, forgiving: bool) -> None:
        self.page = page
        self.forgiving = forgiving
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", self._console)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def settle(self) -> None:
        """Wait until the page shows something in its own place, or no panel loads any more."""
        self.page.wait_for_function(
            "() => document.querySelector('#notice').childElementCount > 0"
            " || (!document.querySelector('#page').hidden"
            " && !document.querySelector('#page [aria-busy=true], .skeleton')"
            " && document.querySelectorAll('.card .sparkline').length > 0)"
        )


Open = Callable[..., Visit]


@pytest.fixture(scope="package")
def window(browser: Browser, site: str) -> Iterator[BrowserContext]:
    """One window, a tab of it for each visit: the page's files are fetched once."""
    window = browser.new_context(
        viewport={"width": 1440, "height": 900},
        color_scheme="light",
        reduced_motion="reduce",
        timezone_id="UTC",
    )
    window.set_default_timeout(10_000)
    yield window
    window.close()


@pytest.fixture
def visit(window: BrowserContext, address: str) -> Iterator[Open]:
    """Open the page with a query; at the end nothing may have gone wrong on it."""
    with visiting(window, address) as open_:
        yield open_


@contextmanager
def visiting(window: BrowserContext, address: str) -> Iterator[Open]:
    """Yield what opens the page at `address`; at the end nothing may have gone wrong on it."""
    visits: list[Visit] = []

    def open_(
        query: str = "",
        token: str | None = TOKEN,
        width: int = 1440,
        at: str = "",
        forgiving: bool = False,
        settled: str = "",
    ) -> Visit:
        # `settled`: what to wait for on a page of ours that is not the page.
        opened = Visit(window.new_page(), forgiving)
        visits.append(opened)
        if width != 1440:
            opened.page.set_viewport_size({"width": width, "height": 900})
        fragment = f"#token={token}" if token else ""
        if settled:
            opened.page.add_init_script(f"sessionStorage.setItem('logkiln.token', '{token or ''}')")
        opened.page.goto(f"{at or address}{query}{'' if settled else fragment}")
        if settled:
            opened.page.locator(settled).first.wait_for()
        else:
            opened.settle()
        return opened

    yield open_
    for visited in visits:
        visited.page.close()
    complaints = [said for each in visits if not each.forgiving for said in each.complaints]
    assert complaints == []
