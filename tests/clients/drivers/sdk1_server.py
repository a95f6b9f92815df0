"""An upstream on the 1.x line of the official SDK: `python sdk1_server.py stdio|http`.

It does what `sdk2_server.py` does, in the one era that 1.x knows. The SDK is looked up by name: it
lives in an environment of its own, which alone runs this.
"""

import contextlib
import importlib
import os
import socket
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import anyio
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

types: Any = importlib.import_module("mcp.types")
lowlevel: Any = importlib.import_module("mcp.server.lowlevel")
manager: Any = importlib.import_module("mcp.server.streamable_http_manager")
stdio: Any = importlib.import_module("mcp.server.stdio")

NOTE = "note://one"
QUESTION = "What is your name?"
WHO: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string"}},
    "required": ["name"],
}
TEXT: dict[str, Any] = {
    "type": "object",
    "properties": {"text": {"type": "string", "maxLength": 200}},
    "required": ["text"],
}
NOTHING: dict[str, Any] = {"type": "object", "properties": {}}
TOOLS = {
    "greet": ("Say hello to somebody.", WHO),
    "ask_name": ("Ask the user for a name, and say hello.", NOTHING),
    "wait": ("Wait until cancelled.", NOTHING),
    "count": ("Count to three, and say so.", NOTHING),
    "poke": ("Change the note.", NOTHING),
    "write_note": ("Write the note.", TEXT),
}
SUBSCRIBED: dict[int, Any] = {}
STATE = {"note": "first"}
server: Any = lowlevel.Server("sdk1", version="1")


def journal(line: str) -> None:
    """Write down what happened."""
    with Path(os.environ["JOURNAL"]).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def said(text: str) -> list[Any]:
    """Return a result of one text."""
    return [types.TextContent(type="text", text=text)]


async def list_tools() -> list[Any]:
    """List every tool."""
    return [
        types.Tool(name=name, description=about, inputSchema=schema)
        for name, (about, schema) in TOOLS.items()
    ]


async def call_tool(name: str, arguments: dict[str, Any]) -> list[Any]:
    """Do what the tool's name says."""
    match name:
        case "greet":
            return said(f"hello {arguments['name']}")
        case "ask_name":
            return await ask_name()
        case "wait":
            return await wait()
        case "count":
            return await count()
        case "poke":
            await change(STATE["note"] + "!")
            return said("poked")
        case _:
            journal(f"written {arguments['text']}")
            await change(arguments["text"])
            return said(f"written: {arguments['text']}")


async def ask_name() -> list[Any]:
    """Ask the client's user over the connection, in the call's own stream."""
    context = server.request_context
    answer = await context.session.elicit(QUESTION, WHO, context.request_id)
    given: dict[str, Any] = answer.content or {}
    name = given.get("name")
    journal(f"answered {answer.action} {name}")
    return said(f"hello {name}" if answer.action == "accept" else "nobody was named")


async def wait() -> list[Any]:
    """Wait for ever, and write down how that ended."""
    journal("waiting")
    try:
        await anyio.sleep_forever()
    finally:
        journal("cancelled")
    return said("never")


async def count() -> list[Any]:
    """Tell of progress where the caller wants to hear it."""
    context = server.request_context
    token = context.meta.progressToken if context.meta is not None else None
    for done in (1, 2, 3) if token is not None else ():
        await context.session.send_progress_notification(
            token, done, 3, f"{done} of 3", related_request_id=str(context.request_id)
        )
    return said("counted to 3")


async def change(text: str) -> None:
    """Change the note and tell whoever subscribed."""
    STATE["note"] = text
    for session in SUBSCRIBED.values():
        await session.send_resource_updated(NOTE)


async def list_resources() -> list[Any]:
    """List the note."""
    return [types.Resource(uri=NOTE, name="one", mimeType="text/plain")]


async def read_resource(uri: Any) -> list[Any]:
    """Read the note."""
    del uri
    contents: Any = importlib.import_module("mcp.server.lowlevel.helper_types")
    return [contents.ReadResourceContents(content=STATE["note"], mime_type="text/plain")]


async def subscribe(uri: Any) -> None:
    """Remember a session that wants to hear."""
    journal(f"subscribed {uri}")
    session = server.request_context.session
    SUBSCRIBED[id(session)] = session


async def unsubscribe(uri: Any) -> None:
    """Forget it."""
    journal(f"unsubscribed {uri}")
    SUBSCRIBED.pop(id(server.request_context.session), None)


def build() -> None:
    """Give the server its handlers; this SDK never says by itself that it takes subscriptions."""
    server.list_tools()(list_tools)
    server.call_tool()(call_tool)
    server.list_resources()(list_resources)
    server.read_resource()(read_resource)
    server.subscribe_resource()(subscribe)
    server.unsubscribe_resource()(unsubscribe)
    own = server.create_initialization_options

    def options(*given: Any, **named: Any) -> Any:
        made = own(*given, **named)
        made.capabilities.resources.subscribe = True
        return made

    server.create_initialization_options = options


async def serve_stdio() -> None:
    """Serve on stdin and stdout."""
    async with stdio.stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def serve_http() -> None:
    """Serve on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - whoever starts it reads it
    sessions: Any = manager.StreamableHTTPSessionManager(server)

    @contextlib.asynccontextmanager
    async def living(_: Starlette) -> AsyncGenerator[None]:
        async with sessions.run():
            yield

    app = Starlette(routes=[Mount("/", app=sessions.handle_request)], lifespan=living)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    build()
    if sys.argv[1] == "stdio":
        anyio.run(serve_stdio)
    else:
        serve_http()
