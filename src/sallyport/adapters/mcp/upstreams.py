"""The way out to business systems that speak MCP: `ports.Upstreams` over HTTP and stdio.

What the flow may rely on, beyond the port's own rules:
  1. `call` raises `UpstreamDownError` where nothing left, `UpstreamLostError` (or its kind
     `UpstreamProtocolError`) where nobody knows, and passes on what `launch` raised.
  2. A cancelled `call` raises `CancelledError`; whether it was on the wire, its launch tells.
  3. `changed(system)` runs in the event loop, before the launch of any call that uses a link which
     was opened anew. A watcher that closes the fence there is in time for that call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from sallyport.adapters.mcp import answers
from sallyport.adapters.mcp.era import OF_ONE_HOP
from sallyport.adapters.mcp.link import Limits, Once, Question, unreachable
from sallyport.adapters.mcp.pool import Pool
from sallyport.errors import UpstreamError
from sallyport.model import System, ToolPin
from sallyport.ports import Launch, Outbound, Reply


class McpUpstreams:
    """Business systems behind MCP servers.

    Args:
        systems: Returns the systems as they are declared now, by name. One that is gone is
            disconnected; one that changed gets new links.
        secret: Returns the stored secret of a name. It is asked for each request.
        limits: The bounds on what a system may say, hold and cost.
    """

    def __init__(
        self,
        systems: Callable[[], Mapping[str, System]],
        secret: Callable[[str], str],
        *,
        limits: Limits | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._watchers: list[Callable[[str], None]] = []
        self._pool = Pool(systems, secret, self._changed, self._limits)

    async def call(self, outbound: Outbound, launch: Launch) -> Reply:
        """Send one `tools/call` and return the system's definite answer.

        Raises:
            UpstreamDownError: Nothing was sent.
            UpstreamLostError: It was sent, and no usable answer came back in time.
            NotLaunchedError: The launch was refused; nothing was sent.
        """
        once = Once(launch)
        try:
            async with asyncio.timeout(outbound.timeout_ms / 1000):
                link = await self._pool.link(outbound.system, outbound.principal)
                answer = await link.exchange(_question(outbound), once)
            reply = answers.reply(outbound.system, answer, stateless=link.stateless)
        except Exception as error:
            fate = once.fate(outbound.system, error)
            if fate is error:
                raise
            raise fate from error
        self._pool.proven(outbound.system)
        return reply

    async def prepare(self, system: str, principal: str) -> None:
        """Open the link that a call would use; watchers hear of a new one before any launch.

        Raises:
            UpstreamDownError: The system cannot be reached.
        """
        await self._pool.link(system, principal)

    async def tools(self, system: str) -> Sequence[ToolPin]:
        """Return the tools the system offers now, each with the digest of its definition.

        Raises:
            UpstreamDownError: It cannot be reached, or does not answer in time.
            UpstreamProtocolError: What it lists is unusable, too much, or without end.
        """
        try:
            async with asyncio.timeout(self._limits.open_ms / 1000):
                return await (await self._pool.link(system, "")).tools()
        except UpstreamError:
            raise
        except Exception as error:
            raise unreachable(system, error) from error

    def watch(self, changed: Callable[[str], None]) -> None:
        """Call `changed(system)` whenever a system says, or seems, to have changed its tools."""
        self._watchers.append(changed)

    def _changed(self, system: str) -> None:
        for watcher in self._watchers:
            watcher(system)

    def complaints(self, system: str) -> str:
        """Return the end of what a system's process wrote to stderr, for its operator only."""
        return self._pool.complaints(system)

    async def close(self) -> None:
        """Close every connection and end every child process."""
        await self._pool.close()


def _question(outbound: Outbound) -> Question:
    # Who calls and what they can do is said by each hop for itself.
    meta = {key: value for key, value in outbound.meta.items() if key not in OF_ONE_HOP}
    if outbound.traceparent:
        meta["traceparent"] = outbound.traceparent
    if outbound.idempotency_key:
        meta[answers.IDEMPOTENCY_KEY] = outbound.idempotency_key
    return Question(
        method="tools/call", name=outbound.tool, arguments=outbound.arguments, meta=meta
    )
