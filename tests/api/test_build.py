"""The host's own builder makes of the checkout what we expect, and what it makes answers."""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api._actions import ACTIONS
from benchmarks import bundle, host
from tests.api.conftest import TOKENS

pytestmark = pytest.mark.slow

MOST_MEGABYTES = 5.0
BAIT = {
    ".env": "API_TOKEN=bait",
    ".env.production": "DATABASE_URL=bait",
    "api/key.pem": "bait",
    "api/notes.txt": "bait",
    "credentials.json": "bait",
    "onnx_models/level_classifier.onnx": "bait",
    "sql/adapters/bait.sql": "bait",
    "sql/local.env": "bait",
    "sql/queries/bait.sql": "bait",
    "tests/bait.py": "bait = True",
    "bait.py": "bait = True",
}
EXAMPLES = {"log": "log?id=1500"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> host.Built:
    return host.build(tmp_path_factory.mktemp("host"), BAIT)


@pytest.fixture(scope="module")
def client(built: host.Built, scored_url: str) -> Iterator[http.client.HTTPConnection]:
    environment = {"DATABASE_URL": scored_url, "API_TOKEN": TOKENS}
    with host.start(built.function, built.python, environment) as started:
        connection = http.client.HTTPConnection("127.0.0.1", started.port, timeout=30)
        yield connection
        connection.close()


def test_there_is_exactly_one_function(built: host.Built) -> None:
    functions = [path for path in built.output.rglob("*.func") if path.is_dir()]
    assert functions == [built.function]


def test_the_function_holds_what_it_runs_and_nothing_else(built: host.Built) -> None:
    held = {path.relative_to(built.function) for path in built.function.rglob("*")}
    files = {path for path in held if (built.function / path).is_file()}
    ours = {str(path) for path in files if path.parts[0] != "_vendor"}
    assert ours == {
        *("vc__handler__python.py", ".vc-config.json"),
        *(f"api/{path.name}" for path in Path(host.ROOT, "api").glob("*.py")),
        *("sql/__init__.py", "sql/database.py", "sql/errors.py", "sql/statements.py"),
        "sql/queries/session.sql",
        *(f"sql/queries/{path.name}" for path in Path(host.ROOT, "sql/queries").glob("api*.sql")),
    }
    vendored = {path.parts[1].split("-")[0] for path in files if path.parts[0] == "_vendor"}
    allowed = {"psycopg2", "psycopg2_binary", "psycopg2_binary.libs", "vercel_runtime", "pip"}
    assert vendored <= allowed


def test_the_function_is_small(built: host.Built, capsys: pytest.CaptureFixture[str]) -> None:
    weight = bundle.weigh(built.function)
    with capsys.disabled():
        print(f"\nbuilt function: {json.dumps(weight)}")
    assert weight["zipped_mb_without_pip"] <= MOST_MEGABYTES


def test_the_page_is_deployed_beside_the_function(built: host.Built) -> None:
    static = built.output / "static"
    assert (static / "index.html").is_file()
    assert list(static.glob("assets/*.js"))
    assert not [path for path in static.rglob("*") if path.suffix in (".py", ".sql", ".env")]


def test_the_page_is_sent_with_a_strict_policy(built: host.Built) -> None:
    routes = json.loads((built.output / "config.json").read_text(encoding="utf-8"))["routes"]
    headers = routes[0]["headers"]
    policy = dict(
        directive.split(" ", 1) for directive in headers["Content-Security-Policy"].split("; ")
    )
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    rewritten = [route["dest"] for route in routes if route.get("src") == "^/api(?:/(.*))$"]
    assert rewritten == ["/api/ml_lightweight?action=$1"]


@pytest.mark.parametrize("name", ACTIONS)
def test_the_built_function_answers_every_action(
    client: http.client.HTTPConnection, name: str
) -> None:
    _, _, query = EXAMPLES.get(name, name).partition("?")
    texts = []
    for path in (f"/api/{name}?{query}", f"/api/ml_lightweight?action={name}&{query}"):
        client.request("GET", path, headers={"Authorization": "Bearer everything"})
        answer = client.getresponse()
        texts.append(answer.read())
        assert answer.status == 200, texts[-1]
    if name == "freshness":  # as of now: it counts the seconds
        assert json.loads(texts[0]).keys() == json.loads(texts[1]).keys()
    else:
        assert texts[0] == texts[1]
    if name not in ("metrics", "openapi.json", "health"):
        assert json.loads(texts[0])["action"] == name


@pytest.mark.parametrize(
    ("method", "path", "token", "status"),
    [
        ("GET", "/api/status", "", 401),
        ("GET", "/api/nothing", "everything", 404),
        ("GET", "/api/analyze?limit=x", "everything", 400),
        ("HEAD", "/api/status", "everything", 200),
        ("OPTIONS", "/api/status", "", 204),
        ("POST", "/api/status", "everything", 405),
        ("DELETE", "/api/status", "everything", 405),
    ],
)
def test_the_built_function_speaks_http(
    client: http.client.HTTPConnection, method: str, path: str, token: str, status: int
) -> None:
    client.request(method, path, headers={"Authorization": f"Bearer {token}"})
    answer = client.getresponse()
    body = answer.read()
    assert answer.status == status
    if status >= 400:
        problem: dict[str, Any] = json.loads(body)
        assert problem["status"] == status
    else:
        assert body == b""
