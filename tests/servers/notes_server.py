"""A small real MCP server over stdio that says which of its tools only read.

It wants `NOTES_API_KEY` and says in `list_notes` how long that was, so that a test can tell that a
credential arrived without ever showing it.
"""

import json
import os
import sys
from typing import Any

import anyio
import mcp_types as types
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server

NOTES = ["buy milk"]


def tool(name: str, *, reads: bool, arguments: list[str]) -> types.Tool:
    """Return a tool's definition; every argument is a text and needed."""
    return types.Tool(
        name=name,
        input_schema={
            "type": "object",
            "properties": {one: {"type": "string", "maxLength": 200} for one in arguments},
            "required": arguments,
        },
        annotations=types.ToolAnnotations(read_only_hint=reads),
    )


async def list_tools(
    _: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
) -> types.ListToolsResult:
    """List both tools."""
    del params
    return types.ListToolsResult(
        tools=[
            tool("list_notes", reads=True, arguments=[]),
            tool("add_note", reads=False, arguments=["note"]),
        ]
    )


async def call_tool(
    _: ServerRequestContext[Any], params: types.CallToolRequestParams
) -> types.CallToolResult:
    """Do what the tool's name says."""
    if params.name == "add_note":
        NOTES.append(str((params.arguments or {}).get("note")))
    key = os.environ.get("NOTES_API_KEY", "") + "".join(sys.argv[1:])
    said = json.dumps({"notes": NOTES, "key_length": len(key)})
    return types.CallToolResult(content=[types.TextContent(type="text", text=said)])


async def main() -> None:
    """Serve on stdin and stdout."""
    server: Server[Any] = Server("notes", on_list_tools=list_tools, on_call_tool=call_tool)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


if __name__ == "__main__":
    anyio.run(main)
