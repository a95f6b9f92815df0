"""Busy callers of a real house and a real system, and what they saw."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from unittest.mock import patch

from sallyport.adapters.mcp.upstreams import McpUpstreams
from sallyport.flow.controls import Effect
from sallyport.flow.dispatch import OnWire
from sallyport.flow.house import House
from sallyport.model import ActionState
from sallyport.ports import Hear, Launch, Outbound, Reply
from tests.crash import bookkeeping
from tests.crash.upstream import Desk

BOOKS, NOTES = "once.add", "notes.add"


class Crowd:
    """Callers that propose one call after the other, each in a task of its own.

    `answered` has the ids of the calls that came back from the system, `ended` counts how calls
    ended, by tool.
    """

    def __init__(self, house: House, home: Path, desk: Desk, name: str) -> None:
        self.house = house
        self.desk = desk
        self.answered: set[str] = set()
        self.ended: Counter[tuple[str, ActionState | None]] = Counter()
        self._home = home
        self._name = name
        self._numbers = itertools.count()
        self._moved = asyncio.Condition()
        self._over = False

    async def work(self, tool: str) -> None:
        """Be one caller, until all are sent home."""
        while not self._over:
            id_ = f"{self._name}-{next(self._numbers)}"
            ended = await bookkeeping.propose(self.house, self._home, tool, id_)
            self.ended[tool, ended.action] += 1
            async with self._moved:
                self._moved.notify_all()

    async def more(self, tool: str, count: int, action: ActionState | None) -> None:
        """Wait until so many more calls of a tool have ended so."""
        wanted = self.ended[tool, action] + count
        await self.until(lambda: self.ended[tool, action] >= wanted)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until the end of some call makes this true."""
        async with self._moved:
            await self._moved.wait_for(true)

    def on_wire(self) -> set[str]:
        """Return the ids of the calls that are out now."""
        return ids_of(self.house.gateway.dispatcher.on_wire())

    def received(self, tool: str) -> set[str]:
        """Return the ids that the system received so far for a tool."""
        return {i for i in self.desk.ids("received", tool) if i.startswith(f"{self._name}-")}

    def go_home(self) -> None:
        """Let every caller end, and whatever the system holds be answered."""
        self._over = True
        self.desk.control("hold", calls=0)

    @contextmanager
    def watching(self) -> Generator[None]:
        """Note each call that came back, whatever came back."""
        call = McpUpstreams.call

        async def noted(
            ups: McpUpstreams, outbound: Outbound, launch: Launch, hear: Hear | None = None
        ) -> Reply:
            reply = await call(ups, outbound, launch, hear)
            self.answered.add(json.loads(outbound.arguments)["id"])
            return reply

        with patch.object(McpUpstreams, "call", noted):
            yield


def ids_of(out: Iterable[OnWire]) -> set[str]:
    """Return the ids that calls on the wire carry."""
    return {str(one.call.proposal.args["id"]) for one in out}


def listed(effect: Effect) -> set[str]:
    """Return the ids of the calls that a stop came too late for."""
    return ids_of(effect.on_wire)


@asynccontextmanager
async def busy(
    home: Path, desk: Desk, name: str, callers: dict[str, int], *, held: int
) -> AsyncGenerator[Crowd]:
    """Open the house and keep it busy; the system holds so many calls on the wire at any time."""
    async with bookkeeping.open_home(home) as house:
        crowd = Crowd(house, home, desk, name)
        desk.control("hold", calls=held)
        with crowd.watching():
            async with asyncio.TaskGroup() as group:
                for tool, count in callers.items():
                    for _ in range(count):
                        group.create_task(crowd.work(tool))
                try:
                    yield crowd
                finally:
                    crowd.go_home()
