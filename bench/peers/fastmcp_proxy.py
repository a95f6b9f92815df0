"""FastMCP's proxy before one system, run by the Python of its own environment.

It is started as `fastmcp_proxy.py URL shared|fresh`: over one client that is connected once, or
over a fresh client for every call, which is what a proxy does that was made from an address.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import socket
import sys
from contextlib import AsyncExitStack
from typing import Any

READY = "listens on "

# None of these is in the environment that the types are checked in.
fastmcp: Any = importlib.import_module("fastmcp")
fastmcp_server: Any = importlib.import_module("fastmcp.server")
uvicorn: Any = importlib.import_module("uvicorn")
uvloop: Any = importlib.import_module("uvloop")


async def main(url: str, kind: str, listener: socket.socket) -> None:
    """Serve until SIGTERM."""
    async with AsyncExitStack() as stack:
        target: Any = url
        if kind == "shared":
            target = await stack.enter_async_context(fastmcp.Client(url))
        app = fastmcp_server.create_proxy(target, name="proxy").http_app(
            path="/mcp", json_response=True
        )
        config = uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            log_level="error",
            access_log=False,
            timeout_keep_alive=120,
        )
        print(f"{READY}http://127.0.0.1:{listener.getsockname()[1]}/mcp", flush=True)
        await uvicorn.Server(config).serve(sockets=[listener])


if __name__ == "__main__":
    logging.disable(logging.INFO)
    with (
        socket.create_server(("127.0.0.1", 0), backlog=1024) as socket_,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        socket_.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        runner.run(main(sys.argv[1], sys.argv[2], socket_))
