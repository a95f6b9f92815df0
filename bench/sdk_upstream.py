"""The other system of the race: a server made with the official SDK, the way people make them.

It has the same one tool as `bench.upstream`, speaks both eras, keeps sessions, and answers in JSON.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import uvicorn
import uvloop
from mcp.server.lowlevel import Server
from mcp.types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
)

from bench.processes import READY
from bench.upstream import DEFINITION


async def _tools(context: Any, params: PaginatedRequestParams | None) -> ListToolsResult:
    del context, params
    return ListToolsResult(tools=[Tool.model_validate(DEFINITION)])


async def _call(context: Any, params: CallToolRequestParams) -> CallToolResult:
    del context
    text = str((params.arguments or {})["text"])
    return CallToolResult(content=[TextContent(type="text", text=text)])


def main() -> None:
    """Serve on a free port of 127.0.0.1 until SIGTERM."""
    server: Server[Any] = Server("echo", on_list_tools=_tools, on_call_tool=_call)
    app = server.streamable_http_app(json_response=True)
    config = uvicorn.Config(app, http="httptools", ws="none", log_level="error", access_log=False)
    with (
        socket.create_server(("127.0.0.1", 0), backlog=1024) as listener,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        print(f"{READY}http://127.0.0.1:{listener.getsockname()[1]}/mcp", flush=True)
        runner.run(uvicorn.Server(config).serve(sockets=[listener]))


if __name__ == "__main__":
    main()
