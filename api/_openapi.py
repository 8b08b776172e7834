"""The interface as an OpenAPI 3.1 document, made from the table of actions."""

import json
from functools import cache
from typing import Any

from api._actions import ACTIONS, FORMAT, Action
from api._parameters import Parameter
from api._problems import TITLES
from api._schemas import COMPONENTS, DATA, HEALTH, PROBLEM, Schema, envelope

VERSION = "1.0.0"
HEADERS: dict[str, Schema] = {
    "ETag": {"schema": {"type": "string"}, "description": "Send it back in If-None-Match."},
    "Cache-Control": {"schema": {"type": "string"}},
}


@cache
def document() -> bytes:
    """Return the document as JSON."""
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Logkiln",
                "version": VERSION,
                "description": "Scored logs. Every path is also /api/ml_lightweight?action=NAME.",
            },
            "paths": {
                f"/api/{action.name}": {
                    "get": _operation(action, "get"),
                    "head": _operation(action, "head"),
                }
                for action in ACTIONS.values()
            },
            "components": {
                "schemas": {**COMPONENTS, "Problem": PROBLEM},
                "responses": {str(status): _problem(status) for status in TITLES},
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
        }
    ).encode()


def _operation(action: Action, method: str) -> dict[str, Any]:
    is_open = action.name == "health"
    formats = () if action.table is None else (FORMAT,)
    failures = ["400", "503"] if is_open else ["400", "401", "403", "503"]
    if action.name == "log":
        failures.append("404")
    answers = {status: {"$ref": f"#/components/responses/{status}"} for status in failures}
    if not is_open:
        answers["304"] = {"description": "Unchanged since the ETag that was sent."}
    return {
        "operationId": f"{method}_{action.name.replace('.', '_')}",
        "summary": action.about,
        "security": [] if is_open else [{"token": []}],
        "parameters": [_parameter(one) for one in (*action.parameters, *formats)],
        "responses": {"200": _success(action), **answers},
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    lists = {"style": "form", "explode": False} if parameter.schema["type"] == "array" else {}
    return {
        "name": parameter.name,
        "in": "query",
        "description": f"{parameter.about} Expected: {parameter.expected}.",
        "required": parameter.is_required,
        "schema": parameter.schema,
        **lists,
    }


def _success(action: Action) -> dict[str, Any]:
    text = {"schema": {"type": "string"}}
    if action.name == "metrics":
        content: dict[str, Any] = {"text/plain": text}
    elif action.name == "openapi.json":
        content = {"application/json": {"schema": {"type": "object"}}}
    elif action.name == "health":
        content = {"application/json": {"schema": HEALTH}}
    else:
        content = {"application/json": {"schema": envelope(DATA[action.name])}}
    if action.table is not None:
        content["text/csv"] = text
    return {"description": action.about, "headers": HEADERS, "content": content}


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": TITLES[status],
        "content": {"application/problem+json": {"schema": schema}},
    }
