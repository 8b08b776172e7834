"""The interface as an OpenAPI 3.1 document, made from the table of actions."""

import json
from functools import cache
from typing import Any

from api._actions import ACTIONS, FORMAT, Action, Write
from api._components import COMPONENTS, Schema, row
from api._parameters import Parameter
from api._problems import TITLES
from api._schemas import DATA, HEALTH, PROBLEM, envelope, written

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
                    **({"post": _saying(action)} if action.writes else {}),
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
    if not (is_open or action.is_live):
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
    headers = {name: told for name, told in HEADERS.items() if name != "ETag" or _has_tag(action)}
    return {"description": action.about, "headers": headers, "content": content}


def _has_tag(action: Action) -> bool:
    return action.name != "health" and not action.is_live


def _saying(action: Action) -> dict[str, Any]:
    """Return the operation that writes: one of two bodies, and what was kept or taken back."""
    failures = ["400", "401", "403", "404", "503"]
    answers = {status: {"$ref": f"#/components/responses/{status}"} for status in failures}
    content = {"application/json": {"schema": written(action.name, action.key)}}
    about = " ".join(write.about for write in action.writes)
    bodies = {"oneOf": [_body(write) for write in action.writes]}
    return {
        "operationId": f"post_{action.name}",
        "summary": about,
        "security": [{"token": []}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": bodies}}},
        "responses": {"200": {"description": "Done.", "content": content}, **answers},
    }


def _body(write: Write) -> Schema:
    properties = {
        one.name: {**one.schema, "description": f"{one.about} Expected: {one.expected}."}
        for one in write.parameters
    }
    needed = [one.name for one in write.parameters if one.is_required]
    body = {**row(properties), "required": needed, "additionalProperties": False}
    if write.any_of:
        body["anyOf"] = [{"required": [name]} for name in write.any_of]
    if {"id", "at"} <= properties.keys():
        body["dependentRequired"] = {"id": ["at"]}
    return body


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": TITLES[status],
        "content": {"application/problem+json": {"schema": schema}},
    }
