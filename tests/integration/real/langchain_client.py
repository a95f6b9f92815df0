"""An agent's tools as LangChain has them: `langchain_client.py URL`.

The bearer token comes in SALLYPORT_TOKEN. The first line on stdout is the list of tools; then every
line on stdin is a call, `{"tool", "args"}`, and is answered by one line, `{"status", "text"}`.
LangChain lives in an environment of its own, which alone runs this; so it is looked up by name.
"""

import asyncio
import importlib
import json
import os
import sys
from typing import Any


def say(value: object) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def text_of(content: Any) -> str:
    """Return the text of a tool message, whether it is one text or blocks."""
    if isinstance(content, str):
        return content
    return "\n".join(block["text"] for block in content if block.get("type") == "text")


async def main() -> None:
    """List the tools, then call them as told."""
    adapters: Any = importlib.import_module("langchain_mcp_adapters.client")
    connection = {
        "transport": "streamable_http",
        "url": sys.argv[1],
        "headers": {"Authorization": f"Bearer {os.environ['SALLYPORT_TOKEN']}"},
    }
    client = adapters.MultiServerMCPClient({"sallyport": connection})
    tools = {tool.name: tool for tool in await client.get_tools()}
    say(sorted(tools))
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        call = {"type": "tool_call", "id": "1", "name": asked["tool"], "args": asked["args"]}
        message = await tools[asked["tool"]].ainvoke(call)
        say({"status": message.status, "text": text_of(message.content)})


asyncio.run(main())
