"""The gateway without a gate: our own server, decoding, upstream connections and encoding.

What a governed call costs beyond this is what rules, evidence and durability cost.
"""

from __future__ import annotations

import sys

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.listen import serve
from sallyport.adapters.mcp.upstreams import McpUpstreams
from sallyport.model import JsonObject, System
from sallyport.ports import Outbound
from sallyport.rules import jsonrpc, strict_json

SYSTEM = "echo"
MIB = 1024 * 1024


class PassThrough:
    """Hands every `tools/call` on, whoever asks for what.

    Args:
        url: Where the system is.
    """

    def __init__(self, url: str) -> None:
        system = System(name=SYSTEM, url=url)
        self._upstreams = McpUpstreams(lambda: {SYSTEM: system}, lambda _: "")

    async def endpoint(self, request: Request) -> Response:
        """Answer one POST."""
        body = await request.body()
        message = jsonrpc.read(strict_json.loads(body, bytes_max=4 * MIB, depth_max=64))
        if not isinstance(message, jsonrpc.Request):
            return Response(status_code=202)
        return Response(await self._answer(message), media_type="application/json")

    async def _answer(self, message: jsonrpc.Request) -> bytes:
        if message.method == "initialize":
            return jsonrpc.result(message.id, _welcome())
        if message.method != "tools/call":
            return jsonrpc.result(message.id, {})
        reply = await self._upstreams.call(_outbound(message.params), _launch)
        return jsonrpc.result(message.id, reply.result or {})


def _welcome() -> JsonObject:
    return {
        "protocolVersion": jsonrpc.LATEST,
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "pass-through", "version": "0"},
    }


def _outbound(params: JsonObject) -> Outbound:
    return Outbound(
        call_id="",
        system=SYSTEM,
        tool=str(params["name"]),
        arguments=jsonrpc.encode(params["arguments"]),
        meta={},
        principal="bench",
        timeout_ms=30_000,
    )


def _launch() -> None:
    """Let everything leave."""


if __name__ == "__main__":
    gate = PassThrough(sys.argv[1])
    serve(Starlette(routes=[Route("/mcp", gate.endpoint, methods=["POST"])]))
