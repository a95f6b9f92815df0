"""The stream that a client listens on: it hears when the tools it may use have changed.

Rules:
  1. One stream per session; a newer one takes the place of the older. Where there are no sessions,
     each stream stands for itself.
  2. A stream ends when its token is no longer good. It is asked for at every tick.
  3. A system that cannot be compared is asked ever less often, by all streams together.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from sallyport.doors.mcp import offer
from sallyport.doors.mcp.bounds import KEEP_ALIVE_S, LOOK_AGAIN_S, STREAMS_MAX, TICK_S
from sallyport.doors.mcp.caller import Caller
from sallyport.doors.mcp.outbox import Outbox
from sallyport.doors.mcp.refusals import BusyError
from sallyport.doors.mcp.sessions import Session
from sallyport.doors.mcp.subscriptions import Subscriptions
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

    An empty message is not sent. `open` says whether the stream still has a place. What is put into
    `outbox` is told at once.
    """

    told: Told
    again: Callable[[], Awaitable[Caller]]
    greeting: bytes = b""
    changed: bytes = LIST_CHANGED
    farewell: bytes = b""
    open: Callable[[], bool] = lambda: True
    outbox: Outbox = field(default_factory=Outbox)


class Turns:
    """Knows when a system that could not be compared is asked again."""

    def __init__(self) -> None:
        self._taken: dict[str, tuple[int, float]] = {}

    def due(self, systems: set[str], now_s: float) -> set[str]:
        """Return which of these systems have their turn now, and count it as taken."""
        found = {name for name in systems if self._taken.get(name, (0, now_s))[1] <= now_s}
        for name in found:
            count, _ = self._taken.get(name, (0, now_s))
            pause_s = LOOK_AGAIN_S[min(count, len(LOOK_AGAIN_S) - 1)]
            self._taken[name] = (count + 1, now_s + pause_s)
        return found

    def forget(self, systems: set[str]) -> None:
        """Begin anew with systems that could be compared."""
        for name in self._taken.keys() & systems:
            del self._taken[name]


class Listening:
    """Serves listening streams. `subscriptions` counts who listens to which resource."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.subscriptions = Subscriptions(house)
        self._turns = Turns()
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
        self.check_room()
        mark = session.stream = object()
        ear = Ear(
            told=session,
            again=again,
            open=lambda: session.stream is mark,
            outbox=session.outbox,
        )
        await self.speak(wire, ear)

    async def speak(self, wire: Wire, ear: Ear) -> None:
        """Keep a stream open until the client, its place or its token is gone.

        Raises:
            BusyError: Too many streams are open.
        """
        self.check_room()
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

    def check_room(self) -> None:
        """Check that one more stream may be opened.

        Raises:
            BusyError: It may not.
        """
        if self._open >= STREAMS_MAX:
            raise BusyError(f"{STREAMS_MAX} streams are open already")

    async def _talk(self, wire: Wire, ear: Ear, gone: asyncio.Task[None]) -> None:
        silent_s, stirred = 0.0, _stirred(ear, gone)
        while ear.open() and not self._house.closing:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await stirred.wait()
            stirred.clear()
            if gone.done() or not ear.open():
                return
            try:
                caller = await ear.again()
            except (NotAuthenticatedError, NotPermittedError):
                return
            await self._look(caller)
            silent_s += TICK_S
            for message in ear.outbox.take():
                await wire.event(message)
                silent_s = 0.0
            if self._changed(caller, ear.told) and ear.changed:
                await wire.event(ear.changed)
                silent_s = 0.0
            elif silent_s >= KEEP_ALIVE_S:
                await wire.comment()
                silent_s = 0.0

    async def _look(self, caller: Caller) -> None:
        """Compare what needs it and has its turn."""
        verified = self._house.gateway.registry.verified
        self._turns.forget(verified)
        now_s = asyncio.get_running_loop().time()
        due = self._turns.due(offer.unverified(self._house, caller.task), now_s)
        await offer.compare(self._house, due)
        self._turns.forget(verified)

    def _changed(self, caller: Caller, told: Told) -> bool:
        now = offer.digests(self._house.offered(caller.task))
        before, told.offer = told.offer, now
        return before is not None and before != now


def _stirred(ear: Ear, gone: asyncio.Task[None]) -> asyncio.Event:
    """Return an event that is set when there is something to tell, or nobody to tell it to."""
    stirred = asyncio.Event()
    ear.outbox.ring = stirred.set
    gone.add_done_callback(lambda _: stirred.set())
    if ear.outbox:
        stirred.set()
    return stirred


async def _say(wire: Wire, message: bytes) -> None:
    if message:
        await wire.event(message)
    else:
        await wire.comment()
