"""Subscriptions to resources: each is a call, and one of a resource may have several listeners.

A system knows the agent, not its streams. So it is told to be silent only when nobody of that agent
listens any more; and then it is told so, even by an agent that may call nothing any more.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias
from weakref import WeakValueDictionary

from sallyport.doors.mcp import calls
from sallyport.doors.mcp.caller import Caller
from sallyport.errors import SallyportError
from sallyport.flow.house import House
from sallyport.model import Ending, Task
from sallyport.rules.commands import Ended
from sallyport.rules.methods import SUBSCRIBE, UNSUBSCRIBE

Subscription: TypeAlias = "tuple[str, str, str]"
"""Agent, system and URI."""


class Subscriptions:
    """Counts who listens to what.

    Args:
        house: Where subscribing is proposed.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._listeners: Counter[Subscription] = Counter()
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def begin(self, task: Task, uris: Sequence[str]) -> dict[str, Subscription]:
        """Subscribe to resources; return those of which changes will be told, by their URI."""
        found = await asyncio.gather(*(self._subscribe(task, uri) for uri in uris))
        return {one[2]: one for one in found if one is not None}

    @asynccontextmanager
    async def turn(self, agent: str, uri: str) -> AsyncGenerator[None]:
        """Let nobody else of an agent subscribe to a resource, or no longer, in the block."""
        lock = self._turns.setdefault((agent, uri), asyncio.Lock())
        async with lock:
            yield

    def others(self, task: Task, uri: str) -> bool:
        """Return whether anybody of the task's agent listens to a resource."""
        pin = calls.pinned(self._house, task, UNSUBSCRIBE)
        return pin is not None and self._listeners[(task.agent, pin.system, uri)] > 0

    def add(self, subscription: Subscription) -> None:
        """Count one more listener."""
        self._listeners[subscription] += 1

    def leave(self, subscription: Subscription) -> None:
        """Count one listener less."""
        self._listeners[subscription] -= 1
        if self._listeners[subscription] <= 0:
            del self._listeners[subscription]

    def end(self, caller: Caller, begun: dict[str, Subscription]) -> None:
        """Listen no more. Whoever was the last listener ends the subscription with the system."""
        for subscription in begun.values():
            self.leave(subscription)
            if not self._house.closing:
                self._house.background.spawn(self._unsubscribe(caller, subscription))

    async def _subscribe(self, task: Task, uri: str) -> Subscription | None:
        async with self.turn(task.agent, uri):
            try:
                ended = await self._house.call(
                    task, SUBSCRIBE, {"uri": uri}, channel="mcp", hold_ms=0
                )
            except SallyportError:
                return None
            begun = subscribed(ended)
            if begun is not None:
                self.add(begun)
            return begun

    async def _unsubscribe(self, caller: Caller, subscription: Subscription) -> None:
        """Tell the system, unless somebody listens; by a call as long as one can be made."""
        agent, system, uri = subscription
        async with self.turn(agent, uri):
            if self._listeners[subscription] > 0:
                return
            if not self._house.tasks.is_over(caller.token):
                ended = await self._house.call(
                    caller.task, UNSUBSCRIBE, {"uri": uri}, channel="mcp", hold_ms=0
                )
                if ended.ending is Ending.DONE:
                    return
            await self._house.gateway.outside.upstreams.unlisten(system, agent, uri)


def subscribed(ended: Ended | None) -> Subscription | None:
    """Return the subscription that a call has begun; None where it has not."""
    if ended is None or ended.ending is not Ending.DONE or ended.result is None:
        return None
    return (ended.call.agent, ended.call.system, str(ended.call.proposal.args["uri"]))
