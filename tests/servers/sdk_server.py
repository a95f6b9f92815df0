"""A real MCP server, built with the official SDK: `python sdk_server.py stdio|json|sse`.

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
from mcp.server.stdio import stdio_server

TOOLS = {"echo", "environment", "fail", "wait", "grow", "ask", "die"}


def tool(name: str) -> types.Tool:
    """Return a tool's definition; `echo` says what it takes, with numbers and unknown keywords."""
    schema: dict[str, Any] = {"type": "object"}
    if name == "echo":
        schema |= {"properties": {"n": {"type": "number", "maximum": 50.0}}, "x-own": [1, 1.5]}
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
    match params.name:
        case "echo":
            return text([params.arguments, dict(context.meta or {})])
        case "environment":
            return text(dict(os.environ))
        case "fail":
            result = text("no such customer")
            result.is_error = True
            return result
        case "wait":
            await anyio.sleep_forever()
        case "grow":
            TOOLS.add("grown")
            await context.session.send_tool_list_changed()
        case "ask":
            return await ask(context)
        case "die":
            os._exit(1)
        case _:
            raise ValueError
    return text("done")


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
        "desk", version="1", on_list_tools=list_tools, on_call_tool=call_tool
    )
    own = server.create_initialization_options

    def options(*_: object, **__: object) -> Any:
        return own(NotificationOptions(tools_changed=True))

    server.create_initialization_options = options  # type: ignore[method-assign]
    return server


async def serve_stdio() -> None:
    """Serve on stdin and stdout."""
    server = build()
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def serve_http(*, as_json: bool) -> None:
    """Serve on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - the test reads it
    app = build().streamable_http_app(json_response=as_json)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    if sys.argv[1] == "stdio":
        anyio.run(serve_stdio)
    else:
        serve_http(as_json=sys.argv[1] == "json")
