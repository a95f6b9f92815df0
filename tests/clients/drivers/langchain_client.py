"""LangChain's MCP adapters: `-m tests.clients.drivers.langchain_client`, TARGET as for the SDKs.

The tools are those that `MultiServerMCPClient` makes of a server's; a call is one tool call of a
model, so what is told here is what a model behind LangChain reads.
"""

import asyncio
import importlib
import json
import os
from typing import Any

from tests.clients.drivers.talk import Order, obey, ruling


def text_of(content: Any) -> str:
    """Return the text of a tool message, whether it is one text or blocks."""
    if isinstance(content, str):
        return content
    return "\n".join(block["text"] for block in content if block.get("type") == "text")


async def main() -> None:
    """Make the tools, then call them as told."""
    adapters: Any = importlib.import_module("langchain_mcp_adapters.client")
    target = json.loads(os.environ["TARGET"])
    connection = {
        "transport": "streamable_http",
        "url": target["url"],
        "headers": target["headers"],
    }
    rulings: list[Any] = []

    async def statement(request: Any, handler: Any) -> Any:
        result = await handler(request)
        rulings.append(ruling(result.meta))
        return result

    client = adapters.MultiServerMCPClient({"sallyport": connection}, tool_interceptors=[statement])
    tools = {tool.name: tool for tool in await client.get_tools()}

    async def names(_: Order) -> Any:
        return sorted(tools)

    async def call(order: Order) -> Any:
        asked = {"type": "tool_call", "id": "1", "name": order["tool"], "args": order["args"]}
        message = await tools[order["tool"]].ainvoke(asked)
        return {
            "text": text_of(message.content),
            "is_error": message.status == "error",
            "ruling": rulings.pop(),
        }

    await obey({"list": names, "call": call})


if __name__ == "__main__":
    asyncio.run(main())
