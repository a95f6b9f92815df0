"""A client on the 1.x line of the official SDK: `-m tests.clients.drivers.sdk1_client`.

Where it connects comes as TARGET: `{"url", "headers"}` or `{"command", "env"}`. It asks for
everything with the SDK's own calls, as a developer would; the orders are those of `sdk2_client`.
"""

import asyncio
import contextlib
import importlib
import json
import os
from collections.abc import AsyncGenerator
from typing import Any

from tests.clients.drivers.talk import Order, obey, ruling

mcp: Any = importlib.import_module("mcp")
types: Any = importlib.import_module("mcp.types")
http: Any = importlib.import_module("mcp.client.streamable_http")
stdio: Any = importlib.import_module("mcp.client.stdio")
httpx: Any = importlib.import_module("httpx")


class Driver:
    """One session, and what it has heard."""

    def __init__(self) -> None:
        self.session: Any = None
        self.asked: list[str] = []
        self.updated: asyncio.Queue[str] = asyncio.Queue()
        self.version = ""
        self._calls: dict[int, tuple[int, asyncio.Task[Any]]] = {}

    async def on_question(self, _: Any, params: Any) -> Any:
        """Answer every form with a name."""
        self.asked.append(params.message)
        return types.ElicitResult(action="accept", content={"name": "Ada"})

    async def on_message(self, message: Any) -> None:
        """Keep which resources have changed."""
        root: Any = getattr(message, "root", None)
        if isinstance(root, types.ResourceUpdatedNotification):
            self.updated.put_nowait(str(root.params.uri))

    async def era(self, _: Order) -> Any:
        """Tell the version that was agreed on."""
        return self.version

    async def list(self, _: Order) -> Any:
        """List tools."""
        return sorted(tool.name for tool in (await self.session.list_tools()).tools)

    async def resources(self, _: Order) -> Any:
        """List resources."""
        return [str(one.uri) for one in (await self.session.list_resources()).resources]

    async def read(self, order: Order) -> Any:
        """Read a resource."""
        return (await self.session.read_resource(order["uri"])).contents[0].text

    async def call(self, order: Order) -> Any:
        """Call a tool and tell all that came of it."""
        progress: list[list[Any]] = []

        async def on_progress(done: float, total: float | None, message: str | None) -> None:
            progress.append([done, total, message])

        self.asked.clear()
        # This SDK tells nobody the id of a call, and whoever cancels one needs it.
        number = self.session._request_id
        calling = asyncio.ensure_future(
            self.session.call_tool(order["tool"], order["args"], progress_callback=on_progress)
        )
        self._calls[order["id"]] = (number, calling)
        try:
            result = await calling
        except asyncio.CancelledError:
            return {"cancelled": True}
        return {
            "text": "\n".join(getattr(block, "text", "") for block in result.content),
            "is_error": bool(result.isError),
            "ruling": ruling(result.meta),
            "progress": progress,
            "asked": [*self.asked],
        }

    async def cancel(self, order: Order) -> Any:
        """Cancel a call. This SDK only has the notification; whoever wants it sends it."""
        number, calling = self._calls[order["of"]]
        params = types.CancelledNotificationParams(requestId=number, reason="not needed")
        said = types.CancelledNotification(method="notifications/cancelled", params=params)
        await self.session.send_notification(types.ClientNotification(said))
        calling.cancel()
        return True

    async def subscribe(self, order: Order) -> Any:
        """Subscribe to a resource."""
        await self.session.subscribe_resource(order["uri"])
        return True

    async def update(self, _: Order) -> Any:
        """Wait for the next change of a resource."""
        return await self.updated.get()


@contextlib.asynccontextmanager
async def streams(target: dict[str, Any]) -> AsyncGenerator[tuple[Any, Any]]:
    """Connect to an address, or start a command."""
    if "url" in target:
        async with (
            httpx.AsyncClient(headers=target["headers"]) as client,
            http.streamable_http_client(target["url"], http_client=client) as (incoming, out, _),
        ):
            yield incoming, out
        return
    command, *words = target["command"]
    program = mcp.StdioServerParameters(command=command, args=words, env=target["env"])
    async with stdio.stdio_client(program) as both:
        yield both


async def main() -> None:
    """Connect, then do as told."""
    driver = Driver()
    target = json.loads(os.environ["TARGET"])
    async with (
        streams(target) as (incoming, outgoing),
        mcp.ClientSession(
            incoming,
            outgoing,
            elicitation_callback=driver.on_question if target.get("elicits", True) else None,
            message_handler=driver.on_message,
        ) as session,
    ):
        driver.session = session
        driver.version = str((await session.initialize()).protocolVersion)
        await obey(
            {
                name: getattr(driver, name)
                for name in (
                    "era",
                    "list",
                    "resources",
                    "read",
                    "call",
                    "cancel",
                    "subscribe",
                    "update",
                )
            }
        )


if __name__ == "__main__":
    asyncio.run(main())
