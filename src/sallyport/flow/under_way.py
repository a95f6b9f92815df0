"""Calls under way, and how their askers take them back.

Rules:
  1. A call is taken back before its answer is here, or not at all. Both are settled in `answer`:
     whatever of the two comes second changes nothing.
  2. What has not left when it is taken back does not leave.
  3. Only a wait for a system is cut short. What is being decided or written down goes on to its
     end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from sallyport.ports import Reply


class TakenBackError(Exception):
    """The call was taken back before its system answered."""


@dataclass(slots=True, eq=False)
class Walk:
    """One call on its way through the steps; `by` is whoever waits for it."""

    by: object = None
    taken_back: bool = False
    _waits: asyncio.Task[Any] | None = None
    _over: list[asyncio.Future[None]] = field(default_factory=list[asyncio.Future[None]])

    async def answer(self, answer: Awaitable[Reply]) -> Reply:
        """Wait for what a system answers.

        Raises:
            TakenBackError: The call was taken back before.
        """
        own = self._waits = _own_task()
        try:
            return await answer
        except asyncio.CancelledError:
            if own is None or not self.taken_back or own.uncancel() > 0:
                raise
            raise TakenBackError from None
        finally:
            self._waits = None

    def take_back(self) -> asyncio.Future[None]:
        """Wait for its system no longer; return what is done once the call is over."""
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._over.append(over)
        if not self.taken_back:
            self.taken_back = True
            if self._waits is not None:
                self._waits.cancel()
        return over

    def end(self) -> None:
        """Tell whoever took it back that it is over."""
        for over in self._over:
            if not over.done():
                over.set_result(None)


class UnderWay:
    """The calls that are being taken through the steps now, by their ids."""

    def __init__(self) -> None:
        self._walks: dict[str, Walk] = {}

    @contextmanager
    def walking(self, call_id: str, walk: Walk) -> Generator[None]:
        """Let a call be taken back for as long as the block lasts."""
        self._walks[call_id] = walk
        try:
            yield
        finally:
            if self._walks.get(call_id) is walk:
                del self._walks[call_id]
            walk.end()

    async def settled(self, call_id: str) -> bool:
        """Wait for the end of a call that is being taken back; return whether there was one."""
        walk = self._walks.get(call_id)
        if walk is None or not walk.taken_back:
            return False
        await walk.take_back()
        return True

    async def take_back(self, call_id: str, by: object = None) -> bool:
        """Take a call back and wait until it is over; return False where it is not under way.

        Args:
            call_id: Which.
            by: Only if this is who waits for it; anybody where it is None.
        """
        walk = self._walks.get(call_id)
        if walk is None or (by is not None and walk.by is not by):
            return False
        await walk.take_back()
        return True


def _own_task() -> asyncio.Task[Any] | None:
    """Return the task that runs this; None without an event loop, as in the simulator."""
    with suppress(RuntimeError):
        return asyncio.current_task()
    return None
