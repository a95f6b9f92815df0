"""What an MCP client is told that came without a good token: which resource this is.

Rules:
  1. The description is public, and the same for every workflow: whoever reads it learns nothing of
     which ones there are.
  2. An address is given back only as the client itself wrote it, and only once it was checked.
  3. Tokens are made by people on this machine, so no authorization server is named.

Source: RFC 9728 (metadata, 3; challenge, 5.1), RFC 6750 (errors, 3.1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sallyport.doors.mcp import headers
from sallyport.doors.mcp.bounds import Bounds
from sallyport.doors.mcp.refusals import Headers, body_of, status_of
from sallyport.doors.mcp.words import SCOPE, SERVER_NAME
from sallyport.errors import NotAuthenticatedError, NotPermittedError, SallyportError
from sallyport.model import JsonObject
from sallyport.rules import jsonrpc

WELL_KNOWN: Final = "/.well-known/oauth-protected-resource"
FRESH_S: Final = 300

_HOST = re.compile(r"[A-Za-z0-9.:\[\]_-]{1,255}")


def route(bounds: Bounds) -> Route:
    """Return the route of the descriptions of all workflows' doors."""

    async def describe(request: Request) -> Response:
        try:
            fields = headers.read(request.headers.raw)
            headers.check_host(fields, bounds)
        except SallyportError as error:
            return Response(body_of(error), status_of(error), media_type="application/json")
        found = description(request.url.scheme, fields, request.path_params["workflow"])
        return Response(
            jsonrpc.encode(found),
            media_type="application/json",
            headers={"cache-control": f"max-age={FRESH_S}"},
        )

    return Route(f"{WELL_KNOWN}/mcp/{{workflow}}", describe, methods=["GET"])


def description(scheme: str, fields: Mapping[bytes, str], workflow: str) -> JsonObject:
    """Return the protected-resource metadata of a workflow's door."""
    return {
        "resource": f"{origin(scheme, fields)}/mcp/{quote(workflow, safe='')}",
        "resource_name": SERVER_NAME,
        "bearer_methods_supported": ["header"],
        "scopes_supported": [SCOPE],
    }


def challenge(
    error: SallyportError, scheme: str, fields: Mapping[bytes, str], workflow: str
) -> Headers:
    """Return the challenge that belongs to a refusal, if it is about who asks.

    Args:
        error: The refusal.
        scheme: `http` or `https`.
        fields: The request's headers, of which `Host` was checked.
        workflow: The workflow that was asked for.
    """
    match error:
        case NotAuthenticatedError():
            bad = 'error="invalid_token"' if b"authorization" in fields else ""
            parts = ['realm="sallyport"', bad, f'scope="{SCOPE}"']
        case NotPermittedError():
            parts = ['error="insufficient_scope"', f'scope="{SCOPE}"']
        case _:
            return []
    where = origin(scheme, fields)
    if where:
        address = f"{where}{WELL_KNOWN}/mcp/{quote(workflow, safe='')}"
        parts.append(f'resource_metadata="{address}"')
    return [(b"www-authenticate", f"Bearer {', '.join(filter(None, parts))}".encode())]


def origin(scheme: str, fields: Mapping[bytes, str]) -> str:
    """Return the gateway's address as the client wrote it, or nothing if it cannot be quoted."""
    host = fields.get(b"host", "")
    return f"{scheme}://{host.lower()}" if _HOST.fullmatch(host) else ""
