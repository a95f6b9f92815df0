"""An upstream on the 2.x line of the official SDK: `python sdk2_server.py stdio|http`.

It speaks both eras. Over HTTP it listens on a free port of 127.0.0.1 and prints that port. What
happens to it goes, a line each, into the file that JOURNAL names: that is how a run knows what has
reached an upstream, whatever anybody in between says. `sdk1_server.py` does the same on 1.x.
"""

import os
import socket
import sys
from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
import uvicorn
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ResourceUpdated
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

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
BUS = InMemorySubscriptionBus()
SUBSCRIBED: dict[int, Any] = {}
STATE = {"note": "first"}

Context = ServerRequestContext[Any]


def journal(line: str) -> None:
    """Write down what happened."""
    with Path(os.environ["JOURNAL"]).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def said(text: str) -> types.CallToolResult:
    """Return a result of one text."""
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)])


async def list_tools(_: Context, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
    """List every tool."""
    tools = [
        types.Tool(name=name, description=about, input_schema=schema)
        for name, (about, schema) in TOOLS.items()
    ]
    return types.ListToolsResult(tools=tools)


async def call_tool(
    context: Context, params: types.CallToolRequestParams
) -> types.CallToolResult | types.InputRequiredResult:
    """Do what the tool's name says."""
    arguments = params.arguments or {}
    match params.name:
        case "greet":
            return said(f"hello {arguments['name']}")
        case "ask_name":
            return await ask_name(context, params)
        case "wait":
            return await wait()
        case "count":
            for done in (1, 2, 3):
                await context.session.report_progress(done, 3, f"{done} of 3")
            return said("counted to 3")
        case "poke":
            await change(STATE["note"] + "!")
            return said("poked")
        case _:
            journal(f"written {arguments['text']}")
            await change(arguments["text"])
            return said(f"written: {arguments['text']}")


async def ask_name(
    context: Context, params: types.CallToolRequestParams
) -> types.CallToolResult | types.InputRequiredResult:
    """Ask over the connection where it carries questions, else by the call's first answer."""
    if context.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        answer = await context.session.elicit_form(QUESTION, WHO, context.request_id)
        return greeted(answer)
    given = (params.input_responses or {}).get("name")
    if isinstance(given, types.ElicitResult):
        return greeted(given)
    form = types.ElicitRequestFormParams(message=QUESTION, requested_schema=WHO)
    asked: dict[str, types.InputRequest] = {"name": types.ElicitRequest(params=form)}
    return types.InputRequiredResult(input_requests=asked, request_state="asked")


def greeted(answer: types.ElicitResult) -> types.CallToolResult:
    """Say hello to whoever was named."""
    name = (answer.content or {}).get("name")
    journal(f"answered {answer.action} {name}")
    return said(f"hello {name}" if answer.action == "accept" else "nobody was named")


async def wait() -> types.CallToolResult:
    """Wait for ever, and write down how that ended."""
    journal("waiting")
    try:
        await anyio.sleep_forever()
    finally:
        journal("cancelled")
    return said("never")


async def change(text: str) -> None:
    """Change the note and tell whoever subscribed, in either era."""
    STATE["note"] = text
    await BUS.publish(ResourceUpdated(NOTE))
    for session in SUBSCRIBED.values():
        await session.send_resource_updated(NOTE)


async def list_resources(
    _: Context, __: types.PaginatedRequestParams | None
) -> types.ListResourcesResult:
    """List the note."""
    note = types.Resource(uri=NOTE, name="one", mime_type="text/plain")
    return types.ListResourcesResult(resources=[note])


async def read_resource(
    _: Context, params: types.ReadResourceRequestParams
) -> types.ReadResourceResult:
    """Read the note."""
    text = types.TextResourceContents(uri=params.uri, mime_type="text/plain", text=STATE["note"])
    return types.ReadResourceResult(contents=[text])


async def subscribe(context: Context, params: types.SubscribeRequestParams) -> types.EmptyResult:
    """Remember a session of the older era that wants to hear."""
    journal(f"subscribed {params.uri}")
    SUBSCRIBED[id(context.session)] = context.session
    return types.EmptyResult()


async def unsubscribe(
    context: Context, params: types.UnsubscribeRequestParams
) -> types.EmptyResult:
    """Forget it."""
    journal(f"unsubscribed {params.uri}")
    SUBSCRIBED.pop(id(context.session), None)
    return types.EmptyResult()


def build() -> Server[Any]:
    """Return the server."""
    return Server(
        "sdk2",
        version="1",
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_read_resource=read_resource,
        on_subscribe_resource=subscribe,
        on_unsubscribe_resource=unsubscribe,
        on_subscriptions_listen=ListenHandler(BUS),
    )


async def serve_stdio() -> None:
    """Serve on stdin and stdout."""
    server = build()
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def serve_http() -> None:
    """Serve on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - whoever starts it reads it
    app = build().streamable_http_app()
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    if sys.argv[1] == "stdio":
        anyio.run(serve_stdio)
    else:
        serve_http()
