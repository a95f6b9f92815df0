"""Whether the client that an answer is worked on for is there to take it.

A call that ends while nobody is there keeps its result for whoever repeats it. So the wait for a
call is cut short when the client leaves, and is taken up when it comes back; the call itself knows
nothing of that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

Result = TypeVar("Result")


class LeftError(Exception):
    """The client left while something was waited for."""


class Presence:
    """One client's being there, as the work on one answer sees it."""

    def __init__(self) -> None:
        self._here = asyncio.Event()
        self._here.set()
        self._waiting: asyncio.Task[object] | None = None
        self._cut = False

    def leave(self) -> None:
        """Say that the client has left."""
        self._here.clear()
        self._cut_short()

    def back(self) -> None:
        """Say that the client is there again."""
        self._here.set()

    async def returned(self) -> None:
        """Wait until the client is there."""
        await self._here.wait()

    async def during(self, work: Awaitable[Result]) -> Result:
        """Begin to wait for something, and go on as long as the client is there.

        Raises:
            LeftError: It left, and the waiting was cancelled.
        """
        own = asyncio.current_task()
        if own is None:
            return await work
        self._waiting = own
        if not self._here.is_set():
            asyncio.get_running_loop().call_soon(self._cut_short)
        try:
            return await work
        except asyncio.CancelledError:
            if not self._cut or own.uncancel() > 0:
                raise
            raise LeftError from None
        finally:
            self._waiting, self._cut = None, False

    def _cut_short(self) -> None:
        if self._waiting is not None and not self._cut and not self._here.is_set():
            self._cut = True
            self._waiting.cancel()
