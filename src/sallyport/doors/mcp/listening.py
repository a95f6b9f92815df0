"""The stream that a client listens on: it hears when the tools it may use have changed.

Rules:
  1. One stream per session; a newer one takes the place of the older. Where there are no sessions,
     each stream stands for itself.
  2. A stream ends when its token is no longer good. It is asked for at every tick.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from sallyport.doors.mcp import offer
from sallyport.doors.mcp.bounds import KEEP_ALIVE_S, STREAMS_MAX, TICK_S
from sallyport.doors.mcp.caller import Caller
from sallyport.doors.mcp.refusals import BusyError
from sallyport.doors.mcp.sessions import Session
from sallyport.doors.mcp.wire import Wire
from sallyport.errors import NotAuthenticatedError, NotPermittedError
from sallyport.flow.house import House
from sallyport.rules import jsonrpc

LIST_CHANGED_METHOD = "notifications/tools/list_changed"
LIST_CHANGED = jsonrpc.notification(LIST_CHANGED_METHOD)


class Told(Protocol):
    """Remembers the digests of the tools that a client was last told of; None before any."""

    offer: tuple[str, ...] | None


@dataclass(slots=True, kw_only=True)
class Ear:
    """One who listens, and what is said to them: first, when tools changed, and at the end.

    An empty message is not sent. `open` says whether the stream still has a place.
    """

    told: Told
    again: Callable[[], Awaitable[Caller]]
    greeting: bytes = b""
    changed: bytes = LIST_CHANGED
    farewell: bytes = b""
    open: Callable[[], bool] = lambda: True


class Listening:
    """Serves listening streams."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._open = 0

    async def serve(
        self, wire: Wire, session: Session, again: Callable[[], Awaitable[Caller]]
    ) -> None:
        """Keep the stream of a session open until the client, the session or its token is gone.

        Args:
            wire: The request.
            session: Whose stream it is.
            again: Returns the caller as it is now, or raises as `caller.admitted` does.

        Raises:
            BusyError: Too many streams are open.
        """
        self._check_room()
        mark = session.stream = object()
        await self.speak(wire, Ear(told=session, again=again, open=lambda: session.stream is mark))

    async def speak(self, wire: Wire, ear: Ear) -> None:
        """Keep a stream open until the client, its place or its token is gone.

        Raises:
            BusyError: Too many streams are open.
        """
        self._check_room()
        self._open += 1
        gone = wire.watch()
        try:
            await wire.stream()
            await _say(wire, ear.greeting)
            await self._talk(wire, ear, gone)
            if not gone.done():
                if ear.farewell:
                    await wire.event(ear.farewell)
                await wire.end()
        finally:
            self._open -= 1
            gone.cancel()

    def _check_room(self) -> None:
        if self._open >= STREAMS_MAX:
            raise BusyError(f"{STREAMS_MAX} streams are open already")

    async def _talk(self, wire: Wire, ear: Ear, gone: asyncio.Task[None]) -> None:
        silent_s, looked_at = 0.0, set[str]()
        while ear.open() and not self._house.closing:
            await asyncio.wait((gone,), timeout=TICK_S)
            if gone.done():
                return
            try:
                caller = await ear.again()
            except (NotAuthenticatedError, NotPermittedError):
                return
            looked_at = await self._look(caller, looked_at)
            silent_s += TICK_S
            if self._changed(caller, ear.told) and ear.changed:
                await wire.event(ear.changed)
                silent_s = 0.0
            elif silent_s >= KEEP_ALIVE_S:
                await wire.comment()
                silent_s = 0.0

    async def _look(self, caller: Caller, looked_at: set[str]) -> set[str]:
        """Compare what needs it, once: a system that is down is not asked at every tick."""
        systems = offer.unverified(self._house, caller.task)
        await offer.compare(self._house, systems - looked_at)
        return systems

    def _changed(self, caller: Caller, told: Told) -> bool:
        now = offer.digests(self._house.offered(caller.task))
        before, told.offer = told.offer, now
        return before is not None and before != now


async def _say(wire: Wire, message: bytes) -> None:
    if message:
        await wire.event(message)
    else:
        await wire.comment()
