"""The streams of the pages that are open: that something changed and how much waits, never what.

A browser reads what changed from the page itself, under the rights that hold by then. Hundreds may
listen: one look finds out for all of them, and what happens soon after news is told together.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress

from starlette.requests import Request

from sallyport.doors.console.page import Glance
from sallyport.doors.console.pages.inbox import concerns
from sallyport.errors import NotAuthenticatedError
from sallyport.flow.house import House
from sallyport.flow.listing import Waiting
from sallyport.model import Person

LOOK_S = 0.5
REST_LOOKS = 4
"""After streams were woken, so many looks go by until they are woken again."""
ALIVE_S = 5.0
"""After so long without a change a comment shows both ends that the line is there."""


class Live:
    """Wakes the streams of all open pages at once.

    Args:
        house: What is looked at.
        glance: What waits in it.
    """

    def __init__(self, house: House, glance: Glance) -> None:
        self._house = house
        self._glance = glance
        self._evidence = house.gateway.evidence
        self._seen: int = self._evidence.turns
        self._told: int = self._seen
        self._rested = 0
        self._changed = asyncio.Event()
        self._turns = 0
        self._waits: Sequence[Waiting] = ()
        self._kinds: list[tuple[Waiting, int]] = []

    async def look(self) -> None:
        """Wake the streams if something changed before the last look: by now it can be read."""
        seen, self._seen = self._seen, self._evidence.turns
        self._rested += 1
        if (seen != self._told and self._rested >= REST_LOOKS) or self._house.closing:
            self._told, self._rested = seen, 0
            await self._read()
            changed, self._changed = self._changed, asyncio.Event()
            changed.set()

    async def events(self, request: Request, secret: str) -> AsyncGenerator[bytes]:
        """Yield an event at once and after each change, until browser, house or session is gone."""
        await self._read()
        told = b""
        while not self._house.closing and not await request.is_disconnected():
            changed, person = self._changed, self._who(secret)
            if person is None:
                return
            news = self._news(person)
            yield b": still here\n\n" if news == told else b"event: changed\ndata: %b\n\n" % news
            told = news
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), ALIVE_S)

    def _who(self, secret: str) -> Person | None:
        """Return who listens, if still signed in; listening is no use of a session."""
        try:
            return self._house.sessions.look(secret)[1]
        except NotAuthenticatedError:
            return None

    async def _read(self) -> None:
        """Read what waits, once for all who listen."""
        self._turns, waits = self._evidence.turns, await self._glance.waiting()
        if waits is not self._waits:
            self._waits, self._kinds = waits, _kinds(waits)

    def _news(self, person: Person) -> bytes:
        mine, team = self._counts(person)
        return b'{"turns":%d,"mine":%d,"team":%d}' % (self._turns, mine, team)

    def _counts(self, person: Person) -> tuple[int, int]:
        """Return how much waits for a person and for everybody, as the inbox counts it."""
        seen = [(one, many) for one, many in self._kinds if person.name not in one.not_for]
        team = sum(many for _, many in seen)
        if self._house.people.lone():
            return team, team
        return sum(many for one, many in seen if concerns(one, person)), team


def _kinds(waits: Sequence[Waiting]) -> list[tuple[Waiting, int]]:
    """Return one of each kind of thing that concerns the same people, and how many there are."""
    found: dict[object, list[Waiting]] = {}
    for one in waits:
        if one.kind != "draft":
            key = (one.kind, one.who, one.requester, one.passed, one.not_for)
            found.setdefault(key, []).append(one)
    return [(alike[0], len(alike)) for alike in found.values()]
