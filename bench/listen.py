"""Serves an ASGI application the way `sallyport serve` serves its own, and says where."""

from __future__ import annotations

import asyncio
import socket

import uvicorn
import uvloop
from starlette.types import ASGIApp

from bench.processes import READY


def serve(app: ASGIApp) -> None:
    """Serve on a free port of 127.0.0.1 until SIGTERM."""
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
    )
    with (
        socket.create_server(("127.0.0.1", 0), backlog=1024) as listener,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        # An answer is two writes, and the second must not wait until the first was acknowledged.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        print(f"{READY}http://127.0.0.1:{listener.getsockname()[1]}/mcp", flush=True)
        runner.run(uvicorn.Server(config).serve(sockets=[listener]))
