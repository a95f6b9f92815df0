"""The stream that a client listens on: it hears when the tools it may use have changed.

Rules:
  1. One stream per session; a newer one takes the place of the older.
  2. A stream ends when its token is no longer good. It is asked for at every tick.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sallyport.doors.mcp import offer
from sallyport.doors.mcp.bounds import KEEP_ALIVE_S, STREAMS_MAX, TICK_S
from sallyport.doors.mcp.caller import Caller
from sallyport.doors.mcp.refusals import BusyError
from sallyport.doors.mcp.sessions import Session
from sallyport.doors.mcp.wire import Wire
from sallyport.errors import NotAuthenticatedError, NotPermittedError
from sallyport.flow.house import House
from sallyport.rules import jsonrpc

LIST_CHANGED = jsonrpc.notification("notifications/tools/list_changed")


class Listening:
    """Serves listening streams."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._open = 0

    async def serve(
        self, wire: Wire, session: Session, again: Callable[[], Awaitable[Caller]]
    ) -> None:
        """Keep a stream open until the client, its session or its token is gone.

        Args:
            wire: The request.
            session: Whose stream it is.
            again: Returns the caller as it is now, or raises as `caller.admitted` does.

        Raises:
            BusyError: Too many streams are open.
        """
        if self._open >= STREAMS_MAX:
            raise BusyError(f"{STREAMS_MAX} streams are open already")
        mark = session.stream = object()
        self._open += 1
        gone = wire.watch()
        try:
            await wire.stream()
            await wire.comment()
            await self._talk(wire, session, again, gone, mark)
            if not gone.done():
                await wire.end()
        finally:
            self._open -= 1
            gone.cancel()

    async def _talk(
        self,
        wire: Wire,
        session: Session,
        again: Callable[[], Awaitable[Caller]],
        gone: asyncio.Task[None],
        mark: object,
    ) -> None:
        silent_s, looked_at = 0.0, set[str]()
        while session.stream is mark and not self._house.closing:
            await asyncio.wait((gone,), timeout=TICK_S)
            if gone.done():
                return
            try:
                caller = await again()
            except (NotAuthenticatedError, NotPermittedError):
                return
            looked_at = await self._look(caller, looked_at)
            silent_s += TICK_S
            if self._changed(caller, session):
                await wire.event(LIST_CHANGED)
                silent_s = 0.0
            elif silent_s >= KEEP_ALIVE_S:
                await wire.comment()
                silent_s = 0.0

    async def _look(self, caller: Caller, looked_at: set[str]) -> set[str]:
        """Compare what needs it, once: a system that is down is not asked at every tick."""
        systems = offer.unverified(self._house, caller.task)
        await offer.compare(self._house, systems - looked_at)
        return systems

    def _changed(self, caller: Caller, session: Session) -> bool:
        now = offer.digests(self._house.offered(caller.task))
        before, session.offer = session.offer, now
        return before is not None and before != now
