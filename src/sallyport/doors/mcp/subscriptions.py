"""Subscriptions to resources: each is a call, and one of a resource may have several listeners.

A system knows the agent, not its streams. So it is told to be silent only when nobody of that agent
listens any more.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

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

    async def begin(self, task: Task, uris: Sequence[str]) -> dict[str, Subscription]:
        """Subscribe to resources; return those of which changes will be told, by their URI."""
        found = await asyncio.gather(*(self._subscribe(task, uri) for uri in uris))
        begun = {uri: subscribed(ended) for uri, ended in zip(uris, found, strict=True)}
        honoured = {uri: one for uri, one in begun.items() if one is not None}
        self._listeners.update(honoured.values())
        return honoured

    def add(self, subscription: Subscription) -> None:
        """Count one more listener."""
        self._listeners[subscription] += 1

    def leave(self, subscription: Subscription) -> None:
        """Count one listener less."""
        self._listeners[subscription] -= 1
        if self._listeners[subscription] <= 0:
            del self._listeners[subscription]

    def shared(self, subscription: Subscription) -> bool:
        """Return whether a listener is not the only one."""
        return self._listeners[subscription] > 1

    def end(self, task: Task, begun: dict[str, Subscription]) -> None:
        """Listen no more. Whoever was the last listener ends the subscription with the system."""
        for uri, subscription in begun.items():
            last = not self.shared(subscription)
            self.leave(subscription)
            if last and not self._house.closing:
                self._house.background.spawn(self._unsubscribe(task, uri))

    async def _subscribe(self, task: Task, uri: str) -> Ended | None:
        try:
            return await self._house.call(task, SUBSCRIBE, {"uri": uri}, channel="mcp", hold_ms=0)
        except SallyportError:
            return None

    async def _unsubscribe(self, task: Task, uri: str) -> None:
        await self._house.call(task, UNSUBSCRIBE, {"uri": uri}, channel="mcp", hold_ms=0)


def subscribed(ended: Ended | None) -> Subscription | None:
    """Return the subscription that a call has begun; None where it has not."""
    if ended is None or ended.ending is not Ending.DONE or ended.result is None:
        return None
    return (ended.call.agent, ended.call.system, str(ended.call.proposal.args["uri"]))
