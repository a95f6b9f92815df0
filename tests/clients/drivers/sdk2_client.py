"""A client on the 2.x line of the official SDK: `-m tests.clients.drivers.sdk2_client`.

Where it connects comes as TARGET: `{"url", "headers"}` or `{"command", "env"}`, and in `mode`
whether it looks for the newer era or keeps to the handshake. The orders are those of `Driver`.
"""

import asyncio
import contextlib
import json
import os
import warnings
from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import mcp_types as types
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import ResourceUpdated
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from tests.clients.drivers.talk import Order, obey, ruling


class Driver:
    """One connection, and what it has heard."""

    def __init__(self, client: Client, ending: contextlib.AsyncExitStack) -> None:
        self.client = client
        self.asked: list[str] = []
        self.updated: asyncio.Queue[str] = asyncio.Queue()
        self._ending = ending
        self._calls: dict[int, asyncio.Task[types.CallToolResult]] = {}

    async def era(self, _: Order) -> Any:
        """Tell the version that was agreed on."""
        return self.client.protocol_version

    async def list(self, _: Order) -> Any:
        """List tools."""
        return sorted(tool.name for tool in (await self.client.list_tools()).tools)

    async def resources(self, _: Order) -> Any:
        """List resources."""
        return [one.uri for one in (await self.client.list_resources()).resources]

    async def read(self, order: Order) -> Any:
        """Read a resource."""
        found = await self.client.read_resource(order["uri"], cache_mode="bypass")
        return getattr(found.contents[0], "text", None)

    async def call(self, order: Order) -> Any:
        """Call a tool and tell all that came of it."""
        heard: list[list[Any]] = []

        async def on_progress(progress: float, total: float | None, message: str | None) -> None:
            heard.append([progress, total, message])

        self.asked.clear()
        calling = asyncio.ensure_future(
            self.client.call_tool(order["tool"], order["args"], progress_callback=on_progress)
        )
        self._calls[order["id"]] = calling
        try:
            result = await calling
        except asyncio.CancelledError:
            return {"cancelled": True}
        return {
            "text": "\n".join(getattr(block, "text", "") for block in result.content),
            "is_error": bool(result.is_error),
            "ruling": ruling(result.meta),
            "progress": heard,
            "asked": [*self.asked],
        }

    async def cancel(self, order: Order) -> Any:
        """Cancel a call as any task is; the SDK tells the server, in the way of its era."""
        self._calls[order["of"]].cancel()
        return True

    async def subscribe(self, order: Order) -> Any:
        """Subscribe to a resource: by a listening stream, or as the handshake era does."""
        if self.client.protocol_version not in MODERN_PROTOCOL_VERSIONS:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", MCPDeprecationWarning)
                await self.client.subscribe_resource(  # pyright: ignore[reportDeprecated]
                    order["uri"]
                )
            return True
        heard = asyncio.Event()
        listening = asyncio.create_task(self._listen(order["uri"], heard))
        self._ending.callback(listening.cancel)
        waiting = asyncio.create_task(heard.wait())
        await asyncio.wait((listening, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if listening.done():
            listening.result()
        return True

    async def _listen(self, uri: str, honoured: asyncio.Event) -> None:
        async with self.client.listen(resource_subscriptions=[uri]) as subscription:
            if uri not in (subscription.honored.resource_subscriptions or ()):
                raise RuntimeError("the server does not honour the subscription")
            honoured.set()
            async for event in subscription:
                if isinstance(event, ResourceUpdated):
                    self.updated.put_nowait(event.uri)

    async def update(self, _: Order) -> Any:
        """Wait for the next change of a resource."""
        return await self.updated.get()


@contextlib.asynccontextmanager
async def transport(target: dict[str, Any]) -> AsyncGenerator[Any]:
    """Return what connects to an address, or starts a command."""
    if "url" in target:
        async with httpx2.AsyncClient(headers=target["headers"]) as http:
            yield streamable_http_client(target["url"], http_client=http)
        return
    command, *words = target["command"]
    yield stdio_client(StdioServerParameters(command=command, args=words, env=target["env"]))


async def main() -> None:
    """Connect, then do as told."""
    target = json.loads(os.environ["TARGET"])
    drivers: list[Driver] = []

    async def on_question(context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        del context
        drivers[0].asked.append(params.message)
        return types.ElicitResult(action="accept", content={"name": "Ada"})

    async def on_message(message: Any) -> None:
        if isinstance(message, types.ResourceUpdatedNotification):
            drivers[0].updated.put_nowait(message.params.uri)

    async with (
        transport(target) as way,
        Client(
            way,
            mode=target.get("mode", "auto"),
            elicitation_callback=on_question if target.get("elicits", True) else None,
            message_handler=on_message,
        ) as client,
        contextlib.AsyncExitStack() as ending,
    ):
        driver = Driver(client, ending)
        drivers.append(driver)
        await obey(
            {
                "era": driver.era,
                "list": driver.list,
                "resources": driver.resources,
                "read": driver.read,
                "call": driver.call,
                "cancel": driver.cancel,
                "subscribe": driver.subscribe,
                "update": driver.update,
            }
        )


if __name__ == "__main__":
    asyncio.run(main())
