"""One call of a client of the handshake era, from its proposal to what the client is told.

In between, its system may ask the client for something, several times, and the client may lose its
connection and come back. Neither changes what happens: each answer is a new call, decided anew, and
a call goes on whether somebody waits for it or not. A client that wants it to end says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from sallyport.doors.mcp import calls, hearing, questions
from sallyport.doors.mcp.calls import Asked
from sallyport.doors.mcp.outbox import Outbox
from sallyport.doors.mcp.presence import LeftError, Presence
from sallyport.doors.mcp.sessions import Session
from sallyport.errors import NotFoundError
from sallyport.flow.house import House
from sallyport.flow.runs import Asker
from sallyport.model import ActionState, Ending, JsonObject, Task
from sallyport.rules import asking
from sallyport.rules.commands import Ended

ROUNDS_MAX: Final = 32
"""How often the system of one call may ask."""

UNDER_WAY_MS: Final = asking.WITHIN_S * 1000
"""How long a call that has left is waited for by a client that came back."""


@dataclass(slots=True, kw_only=True)
class Conversation:
    """A call, its client, and what passes between them before the outcome.

    `abilities` is what the client can be asked here: nothing, where it reads no streams. `asker`
    is how the flow knows the client, in the round that is under way.
    """

    house: House
    session: Session
    task: Task
    asked: Asked
    hold_s: int
    abilities: frozenset[str] = frozenset()
    outbox: Outbox = field(default_factory=Outbox)
    presence: Presence = field(default_factory=Presence)
    asker: Asker = field(default_factory=Asker)

    async def ended(self) -> Ended:
        """Propose the call and return what became of it.

        Raises:
            SallyportError: Nothing could be decided or recorded, so nothing was done.
        """
        ended = await self._taken(self._proposed)
        for _ in range(ROUNDS_MAX):
            if ended.ending is not Ending.ASKED or ended.asks is None:
                break
            answers = await questions.put(self.house, self.session, self.outbox, ended)
            if answers is None:
                return ended if self.house.closing else await self._declined(ended)
            ended = await self._taken(partial(self._answered, ended.call.id, answers))
        return ended

    async def cancel(self) -> None:
        """Take the call back, however far it has come."""
        if self.asker.call_id:
            # A repeat that had not found its call yet has none of its own.
            with suppress(NotFoundError):
                await self.house.cancel(self.task, self.asker.call_id)

    async def _declined(self, ended: Ended) -> Ended:
        """Tell a system that it gets no answer; what it asks instead, it is not told either."""
        return await self._taken(
            lambda asker: self.house.decline(
                self.task, ended.call.id, asker=asker, hold_ms=self._hold_ms
            )
        )

    def _proposed(self, asker: Asker) -> Awaitable[Ended]:
        return self.house.call(
            self.task,
            self.asked.tool,
            self.asked.args,
            channel="mcp",
            asker=asker,
            hold_ms=self._hold_ms,
            declared=self.abilities,
        )

    def _answered(self, call_id: str, answers: JsonObject, asker: Asker) -> Awaitable[Ended]:
        return self.house.answer(
            self.task,
            call_id,
            answers,
            channel="mcp",
            asker=asker,
            hold_ms=self._hold_ms,
            declared=self.abilities,
        )

    async def _taken(self, propose: Callable[[Asker], Awaitable[Ended]]) -> Ended:
        """Wait for a call; if the client leaves meanwhile, take its result once it is back."""
        asker = self.asker = self._asker()
        try:
            return await self.presence.during(propose(asker))
        except LeftError:
            pass
        finally:
            # Whatever ends this line, nobody listens any more: what is still to come must be kept.
            asker.gone = True
        while True:
            await self.presence.returned()
            try:
                return await self.presence.during(self._fetched(asker.call_id))
            except LeftError:
                continue

    async def _fetched(self, call_id: str) -> Ended:
        """Return what became of a call; one under way is waited for as if nobody had left."""
        seen = await self.house.look(self.task, call_id)
        under_way = seen.call.action is ActionState.INTENDED
        return await self.house.result(
            self.task, call_id, UNDER_WAY_MS if under_way else self._hold_ms
        )

    def _asker(self) -> Asker:
        pin = calls.pinned(self.house, self.task, self.asked.tool)
        return hearing.asker(
            self.outbox,
            pin.system if pin is not None else "",
            progress=self.asked.progress,
            log_level=self.session.log_level,
        )

    @property
    def _hold_ms(self) -> int:
        return self.hold_s * 1000
