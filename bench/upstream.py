"""The system that everything is measured against: an MCP server that does as little as one can.

It speaks the handshake era over Streamable HTTP, answers in JSON, keeps no session, and has one
tool, `echo`, which returns the text that it got.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send

from bench.listen import serve

TOOL = "echo"
NOTE = "note"
"""The same under a name that a boundary may ask a person about."""
TEXT: dict[str, Any] = {"text": {"type": "string", "maxLength": 4000}}
DEFINITION: dict[str, Any] = {
    "name": TOOL,
    "description": "Return the text that was sent.",
    "inputSchema": {"type": "object", "properties": TEXT, "required": ["text"]},
    "annotations": {"readOnlyHint": True},
}
WELCOME: dict[str, Any] = {
    "capabilities": {"tools": {}},
    "serverInfo": {"name": "echo", "version": "1"},
}
UNKNOWN: dict[str, Any] = {"code": -32601, "message": "Method not found"}
HEADERS = [(b"content-type", b"application/json")]

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one HTTP request."""
    if scope["method"] != "POST":
        await _answer(send, 405, b"")
        return
    message = _decode(await _body(receive))
    if "id" not in message:
        await _answer(send, 202, b"")
        return
    said = _said(message["method"], message.get("params", {}))
    await _answer(send, 200, _encode({"jsonrpc": "2.0", "id": message["id"], **said}))


def _said(method: str, params: dict[str, Any]) -> dict[str, Any]:
    result = _result(method, params)
    return {"error": UNKNOWN} if result is None else {"result": result}


def _result(method: str, params: dict[str, Any]) -> dict[str, Any] | None:
    match method:
        case "tools/call":
            return {"content": [{"type": "text", "text": params["arguments"]["text"]}]}
        case "initialize":
            return {"protocolVersion": params["protocolVersion"], **WELCOME}
        case "tools/list":
            return {"tools": [DEFINITION, {**DEFINITION, "name": NOTE}]}
        case "ping":
            return {}
        case _:
            return None


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        part: bytes = message.get("body", b"")
        body += part
        if not message.get("more_body", False):
            return body


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [*HEADERS, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    serve(app)
