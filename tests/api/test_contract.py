"""Schemathesis asks the running function whatever its OpenAPI document allows, and some more."""

import json
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api import _connections, _openapi
from local import postgres
from tests.api.conftest import SCORED
from tests.api.test_http import Quiet

HEADERS = {"Authorization": "Bearer everything"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def address(scored_url: str, postgres_server: postgres.Server) -> Iterator[str]:
    """Where a function listens, over a database that may be written."""
    _connections.forget()
    postgres_server.create_database("contract", SCORED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", postgres_server.url("contract", "logkiln_reader"))
        patch.setenv("WRITER_DATABASE_URL", postgres_server.url("contract", "logkiln_writer"))
        patch.setenv("API_TOKEN", "everything")
        server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        server.server_close()
        thread.join()
    _connections.forget()
    postgres_server.drop_database("contract")


contract = schemathesis.openapi.from_dict(json.loads(_openapi.document()))


@contract.parametrize()
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_document_tells(
    case: schemathesis.Case[Any], address: str
) -> None:
    case.call_and_validate(base_url=address, headers=HEADERS, checks=CHECKS)
