"""The stream of a page that is open: that something changed, never what.

A browser reads what changed from the page itself, under the rights that hold by then.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from starlette.requests import Request

from sallyport.errors import NotAuthenticatedError
from sallyport.flow.house import House

LOOK_S = 0.5
ALIVE_LOOKS = 30
"""After so many looks without a change a comment shows both ends that the line is there."""


async def events(house: House, request: Request, secret: str) -> AsyncGenerator[bytes]:
    """Yield an event at once and after each change, until browser, house or session is gone."""
    seen, idle = -1, 0
    while not house.closing and _in(house, secret) and not await request.is_disconnected():
        turns = house.gateway.evidence.turns
        if turns != seen:
            seen, idle = turns, 0
            yield b"event: changed\ndata: %d\n\n" % turns
        elif idle >= ALIVE_LOOKS:
            idle = 0
            yield b": still here\n\n"
        idle += 1
        await asyncio.sleep(LOOK_S)


def _in(house: House, secret: str) -> bool:
    """Return whether whoever listens is still signed in; listening is no use of a session."""
    try:
        house.sessions.look(secret)
    except NotAuthenticatedError:
        return False
    return True
