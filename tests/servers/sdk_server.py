"""A real MCP server, built with the official SDK: `python sdk_server.py stdio|json|sse [legacy]`.

It speaks both eras; with `legacy` it knows the handshake era alone, as servers did before 2026.
Over HTTP it listens on a free port of 127.0.0.1 and prints that port as its first line.
"""

import json
import os
import socket
import sys
from typing import Any

import anyio
import mcp_types as types
import uvicorn
from mcp.server import Server, ServerRequestContext
from mcp.server.lowlevel import NotificationOptions
from mcp.server.runner import serve_loop
from mcp.server.stdio import stdio_server
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ToolsListChanged
from starlette.types import ASGIApp, Receive, Scope, Send

TOOLS = {"echo", "environment", "fail", "wait", "grow", "ask", "die", "full", "region"}
BUS = InMemorySubscriptionBus()
FULL: dict[str, Any] = {
    "content": [
        {
            "type": "text",
            "text": "one of everything",
            "annotations": {"audience": ["user"], "priority": 0.5},
            "_meta": {"com.example/part": 1},
        },
        {"type": "image", "data": "AAAA", "mimeType": "image/png"},
        {"type": "audio", "data": "AAAA", "mimeType": "audio/wav"},
        {
            "type": "resource_link",
            "uri": "file:///a.txt",
            "name": "a",
            "title": "A",
            "size": 3,
            "icons": [{"src": "https://example.com/a.png", "mimeType": "image/png"}],
        },
        {
            "type": "resource",
            "resource": {"uri": "file:///b.txt", "text": "b", "_meta": {"com.example/b": True}},
        },
    ],
    "structuredContent": {"total": 12.5, "rows": [{"id": 1}, None, True]},
    "_meta": {"com.example/page": {"next": "x"}},
    "isError": False,
}


def tool(name: str) -> types.Tool:
    """Return a tool's definition; `echo` says what it takes, with numbers and unknown keywords."""
    schema: dict[str, Any] = {"type": "object"}
    if name == "echo":
        schema |= {"properties": {"n": {"type": "number", "maximum": 50.0}}, "x-own": [1, 1.5]}
    if name == "region":
        where = {"type": "string", "x-mcp-header": "Region"}
        schema |= {"properties": {"where": where, "n": {"type": "integer", "x-mcp-header": "N"}}}
    return types.Tool(name=name, description=f"the tool {name}", input_schema=schema)


async def list_tools(
    _: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
) -> types.ListToolsResult:
    """List the tools, two a page."""
    names = sorted(TOOLS)
    start = int(params.cursor) if params is not None and params.cursor else 0
    more = str(start + 2) if start + 2 < len(names) else None
    return types.ListToolsResult(
        tools=[tool(name) for name in names[start : start + 2]], next_cursor=more
    )


def text(value: object) -> types.CallToolResult:
    """Return a result with one JSON text."""
    block = types.TextContent(type="text", text=json.dumps(value))
    return types.CallToolResult(content=[block])


async def call_tool(
    context: ServerRequestContext[Any], params: types.CallToolRequestParams
) -> types.CallToolResult:
    """Do what the tool's name says."""
    result = text("done")
    match params.name:
        case "echo":
            result = text([params.arguments, dict(context.meta or {})])
        case "region":
            result = text(params.arguments)
        case "full":
            result = types.CallToolResult.model_validate(FULL)
        case "environment":
            result = text(dict(os.environ))
        case "fail":
            result = text("no such customer")
            result.is_error = True
        case "wait":
            await anyio.sleep_forever()
        case "grow":
            TOOLS.add("grown")
            await context.session.send_tool_list_changed()
            await BUS.publish(ToolsListChanged())
        case "ask":
            result = await ask(context)
        case "die":
            os._exit(1)
        case _:
            raise ValueError
    return result


async def ask(context: ServerRequestContext[Any]) -> types.CallToolResult:
    """Ask the client's user something, and say how that went."""
    schema: dict[str, Any] = {"type": "object", "properties": {}}
    try:
        await context.session.elicit_form("really?", schema, context.request_id)
    except Exception as error:  # noqa: BLE001 - the test wants to know which
        return text(str(error))
    return text("answered")


def build() -> Server[Any]:
    """Return the server, which announces changes of its tools."""
    server: Server[Any] = Server(
        "desk",
        version="1",
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_subscriptions_listen=ListenHandler(BUS),
    )
    own = server.create_initialization_options

    def options(*_: object, **__: object) -> Any:
        return own(NotificationOptions(tools_changed=True))

    server.create_initialization_options = options  # type: ignore[method-assign]
    return server


async def serve_stdio(*, legacy: bool) -> None:
    """Serve on stdin and stdout."""
    server = build()
    options = server.create_initialization_options()
    async with stdio_server() as (incoming, outgoing):
        if not legacy:
            await server.run(incoming, outgoing, options)
            return
        async with server.lifespan(server) as state:
            await serve_loop(server, incoming, outgoing, lifespan_state=state, init_options=options)


def without_the_new_era(app: ASGIApp) -> ASGIApp:
    """Return the application as it was when nobody knew of the stateless era."""

    async def old(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            kept = [
                (name, value)
                for name, value in scope["headers"]
                if (name, value) != (b"mcp-protocol-version", b"2026-07-28")
            ]
            scope = {**scope, "headers": kept}
        await app(scope, receive, send)

    return old


def serve_http(*, as_json: bool, legacy: bool) -> None:
    """Serve on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - the test reads it
    app: ASGIApp = build().streamable_http_app(json_response=as_json)
    if legacy:
        app = without_the_new_era(app)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    of_old = "legacy" in sys.argv
    if sys.argv[1] == "stdio":
        anyio.run(lambda: serve_stdio(legacy=of_old))
    else:
        serve_http(as_json=sys.argv[1] == "json", legacy=of_old)
