"""The channels by which people are told: how they do, and a try of one. Nothing is changed here."""

from __future__ import annotations

from typing import TypeAlias

from sallyport.doors.api.wire import Asked, Said
from sallyport.flow.notices import what
from sallyport.model import Json
from sallyport.ports import Delivered

Ask: TypeAlias = Asked[None]


async def channels(asked: Ask) -> Said:
    """List the channels, with what waits and what went wrong last."""
    return Said({"channels": list[Json](await asked.house.notices.listed())})


async def test(asked: Ask) -> Said:
    """Send a notice that says nothing but that it came."""
    sent = await asked.house.notices.test(asked.body.text("channel"), by=asked.body.text("by"))
    return Said({"delivered": isinstance(sent, Delivered), "came_of_it": what(sent)})
