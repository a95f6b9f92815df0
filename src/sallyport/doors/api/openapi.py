"""The OpenAPI 3.1 document of a door, read from the same table that serves it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sallyport import __version__
from sallyport.doors.api.fields import object_schema
from sallyport.doors.api.wire import Endpoint
from sallyport.model import Json, JsonObject

Line: TypeAlias = Endpoint[Any]

ERROR: JsonObject = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string", "description": "never changes"},
                "what": {"type": "string", "description": "what happened"},
                "fix": {"type": "string", "description": "the one thing to do next"},
            },
            "required": ["code", "what", "fix"],
            "additionalProperties": False,
        },
        "problems": {"type": "array", "items": {"type": "object"}},
    },
    "required": ["error"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """How a request says who makes it: a bearer token, or signed headers, or neither."""

    bearer: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def document(endpoints: Sequence[Line], credentials: Mapping[str, Credential]) -> JsonObject:
    """Return the document.

    Args:
        endpoints: The door's table.
        credentials: What each `Endpoint.credential` stands for.
    """
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        operations = paths.setdefault(endpoint.path, {})
        if isinstance(operations, dict):
            operations[endpoint.method.lower()] = _operation(endpoint, credentials)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sallyport", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": {"Error": ERROR},
            "securitySchemes": {
                name: {"type": "http", "scheme": "bearer", "description": credential.bearer}
                for name, credential in credentials.items()
                if credential.bearer
            },
        },
    }


def _operation(endpoint: Line, credentials: Mapping[str, Credential]) -> JsonObject:
    credential = credentials.get(endpoint.credential, Credential())
    operation: JsonObject = {
        "operationId": endpoint.run.__name__,
        "summary": endpoint.does,
        "description": (endpoint.run.__doc__ or "").strip(),
        "security": [{endpoint.credential: []}] if credential.bearer else [],
        "parameters": list(_parameters(endpoint, credential)),
        "responses": _responses(endpoint),
    }
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": _json(object_schema(endpoint.body)),
        }
    return operation


def _parameters(endpoint: Line, credential: Credential) -> Iterator[JsonObject]:
    for name in re.findall(r"{(\w+)}", endpoint.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    for name, says in credential.headers.items():
        yield {
            "name": name,
            "in": "header",
            "required": True,
            "description": says,
            "schema": {"type": "string"},
        }
    for name, one in endpoint.query.items():
        yield {
            "name": name,
            "in": "query",
            "required": not one.optional,
            "description": one.says,
            "schema": one.schema,
        }


def _responses(endpoint: Line) -> JsonObject:
    success = _json(object_schema(endpoint.answer) if endpoint.answer else {"type": "object"})
    statuses = endpoint.statuses or {200: "As it is described."}
    responses: JsonObject = {
        str(status): {"description": says, "content": success} for status, says in statuses.items()
    }
    refused: JsonObject = {
        "description": "Not done: the error says what happened and what to do.",
        "content": _json({"$ref": "#/components/schemas/Error"}),
    }
    return {**responses, "default": refused}


def _json(schema: JsonObject) -> JsonObject:
    return {"application/json": {"schema": schema}}
