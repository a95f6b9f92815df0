"""The way out to business systems that speak MCP: `ports.Upstreams` over HTTP and stdio.

What the flow may rely on, beyond the port's own rules:
  1. `call` raises `UpstreamDownError` where nothing left, `UpstreamLostError` (or its kind
     `UpstreamProtocolError`) where nobody knows, and passes on what `launch` raised.
  2. A cancelled `call` raises `CancelledError`; whether it was on the wire, its launch tells.
  3. `changed(system)` runs in the event loop, before the launch of any call that uses a link which
     was opened anew. A watcher that closes the fence there is in time for that call.
  4. A list of tools that is too old to rely on is asked for again by `prepare`; if it is another
     one, or none, the system counts as changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import aiohttp

from sallyport.adapters.mcp import answers
from sallyport.adapters.mcp.ages import Lists
from sallyport.adapters.mcp.era import NOTHING, OF_ONE_HOP
from sallyport.adapters.mcp.held import HANDLE, Held, Turn, waits_no_more
from sallyport.adapters.mcp.link import (
    Limits,
    Link,
    Once,
    Question,
    Wish,
    unguarded,
    unreachable,
)
from sallyport.adapters.mcp.pool import Pool
from sallyport.adapters.mcp.talk import Talk
from sallyport.errors import UpstreamError
from sallyport.model import Asks, JsonObject, System, ToolPin
from sallyport.ports import Hear, Launch, News, Outbound, Reply
from sallyport.rules import jsonrpc, strict_json
from sallyport.rules.methods import GET_PROMPT, METHODS, READ, SUBSCRIBE, UNSUBSCRIBE

UNLISTEN_S: Final = 5.0
"""How long a system may take to be told that nobody listens."""


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
        self._listeners: list[Callable[[News], None]] = []
        self._lists = Lists()
        self._pool = Pool(systems, secret, self._changed, self._told, self._limits)
        self._held = Held()

    async def call(self, outbound: Outbound, launch: Launch, hear: Hear | None = None) -> Reply:
        """Send one call and return the system's definite answer, or what it asks first.

        Args:
            outbound: The call.
            launch: Called right before the first byte leaves.
            hear: Takes what the system says meanwhile.

        Raises:
            UpstreamDownError: Nothing was sent.
            UpstreamLostError: It was sent, and no usable answer came back in time.
            NotLaunchedError: The launch was refused; nothing was sent.
        """
        once = Once(launch)
        try:
            async with asyncio.timeout(outbound.timeout_ms / 1000):
                reply = await self._reply(outbound, once, hear)
        except Exception as error:
            fate = once.fate(outbound.system, error)
            if fate is error:
                raise
            raise fate from error
        self._pool.proven(outbound.system)
        return reply

    async def _reply(self, outbound: Outbound, launch: Once, hear: Hear | None) -> Reply:
        if outbound.state.startswith(HANDLE):
            turn = await self._held.resume(outbound, launch, hear)
            stateless = False
        else:
            subscribes = outbound.tool in (SUBSCRIBE, UNSUBSCRIBE)
            abilities = NOTHING if subscribes else outbound.abilities
            link = await self._pool.link(outbound.system, outbound.principal, abilities)
            stateless = link.stateless
            if outbound.state and not stateless:
                raise waits_no_more(outbound.system)
            turn = await self._turn(outbound, link, launch, hear)
        if isinstance(turn, Asks):
            return Reply(result=None, asks=turn)
        return answers.reply(
            outbound.system,
            turn,
            method=outbound.tool,
            stateless=stateless,
            abilities=outbound.abilities,
        )

    async def _turn(self, outbound: Outbound, link: Link, launch: Once, hear: Hear | None) -> Turn:
        question = _question(outbound, stateless=link.stateless)
        if outbound.tool in (SUBSCRIBE, UNSUBSCRIBE):
            uri = _member(outbound, "uri")
            return await link.subscribe(Wish(outbound.principal, uri, question), launch)
        talk = Talk(
            abilities=outbound.abilities,
            hear=hear,
            progress=outbound.progress,
            log_level=outbound.log_level,
        )
        if link.stateless or not outbound.abilities:
            return await link.exchange(question, launch, talk)
        return await self._held.begin(
            outbound, link, talk, lambda: link.exchange(question, launch, talk)
        )

    async def unlisten(self, system: str, principal: str, uri: str) -> None:
        """Unsubscribe over the link that there is, if there is one; its failure means nothing."""
        link = self._pool.existing(system, principal)
        if link is None:
            return
        arguments = jsonrpc.encode({"uri": uri})
        wish = Wish(principal, uri, Question(method=UNSUBSCRIBE, arguments=arguments))
        with suppress(UpstreamError, aiohttp.ClientError, OSError):
            async with asyncio.timeout(UNLISTEN_S):
                await link.subscribe(wish, unguarded)

    def let_go(self, state: str) -> None:
        """Decline what a call's system asked and cancel its request, where the system waits."""
        self._held.let_go(state)

    async def prepare(self, system: str, principal: str) -> None:
        """Open the link that a call would use; watchers hear of a new one before any launch.

        Raises:
            UpstreamDownError: The system cannot be reached.
        """
        await self._pool.link(system, principal)
        if self._lists.is_too_old(system):
            await self._list_again(system)

    async def _list_again(self, system: str) -> None:
        async with self._lists.asking(system):
            if not self._lists.is_too_old(system):
                return
            before = self._lists.digests(system)
            try:
                await self.tools(system)
            except UpstreamError:
                self._lists.forget(system)
            if self._lists.digests(system) != before:
                self._changed(system)

    async def tools(self, system: str) -> Sequence[ToolPin]:
        """Return the tools the system offers now, each with the digest of its definition.

        Raises:
            UpstreamDownError: It cannot be reached, or does not answer in time.
            UpstreamProtocolError: What it lists is unusable, too much, or without end.
        """
        try:
            async with asyncio.timeout(self._limits.open_ms / 1000):
                link = await self._pool.link(system, "")
                pins = await link.tools()
        except UpstreamError:
            raise
        except Exception as error:
            raise unreachable(system, error) from error
        self._lists.keep(system, pins, link.fresh_s)
        return pins

    def watch(self, changed: Callable[[str], None]) -> None:
        """Call `changed(system)` whenever a system says, or seems, to have changed its tools."""
        self._watchers.append(changed)

    def listen(self, told: Callable[[News], None]) -> None:
        """Call `told` with whatever else a system says outside of a call."""
        self._listeners.append(told)

    def _told(self, news: News) -> None:
        for told in self._listeners:
            told(news)

    def _changed(self, system: str) -> None:
        for watcher in self._watchers:
            watcher(system)

    def complaints(self, system: str) -> str:
        """Return the end of what a system's process wrote to stderr, for its operator only."""
        return self._pool.complaints(system)

    async def close(self) -> None:
        """Close every connection and end every child process."""
        await self._held.close()
        await self._pool.close()


def _question(outbound: Outbound, *, stateless: bool) -> Question:
    # Who calls and what they can do is said by each hop for itself.
    meta = {key: value for key, value in outbound.meta.items() if key not in OF_ONE_HOP}
    if outbound.idempotency_key:
        meta[answers.IDEMPOTENCY_KEY] = outbound.idempotency_key
    if outbound.tool in METHODS:
        # What a method is about is repeated by a header in the stateless era.
        method, name = outbound.tool, _member(outbound, _ABOUT.get(outbound.tool, ""))
    else:
        method, name = "tools/call", outbound.tool
    return Question(
        method=method,
        name=name,
        arguments=outbound.arguments,
        meta=meta,
        resumed=_resumed(outbound) if stateless else {},
    )


_ABOUT: Final = {READ: "uri", GET_PROMPT: "name"}


def _resumed(outbound: Outbound) -> JsonObject:
    """Return what a call whose system asked is gone on with, in the stateless era."""
    resumed: JsonObject = {}
    if outbound.answers:
        resumed["inputResponses"] = outbound.answers
    if outbound.state:
        resumed["requestState"] = outbound.state
    return resumed


def _member(outbound: Outbound, member: str) -> str:
    """Return a parameter of a method that is a text, or nothing."""
    if not member:
        return ""
    size = len(outbound.arguments)
    found = strict_json.loads(outbound.arguments, bytes_max=size, depth_max=size)
    value = found.get(member) if isinstance(found, dict) else None
    return value if isinstance(value, str) else ""
