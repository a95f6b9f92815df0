"""What a task may use, as `tools/list` shows it: exactly that, as it was pinned.

A cursor is the name of the last tool shown. So a page needs no memory, and a tool that was taken
away meanwhile moves no other from one page to the next.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Sequence

from sallyport.doors.mcp.bounds import COMPARE_S
from sallyport.doors.mcp.refusals import ParamsError
from sallyport.flow.house import House
from sallyport.model import Json, JsonObject, Task, ToolPin

PAGE = 100
CURSOR_LENGTH_MAX = 1024


def digests(pins: Sequence[ToolPin]) -> tuple[str, ...]:
    """Return what tells one offer from another."""
    return tuple(pin.digest for pin in pins)


def page(pins: Sequence[ToolPin], cursor: Json) -> JsonObject:
    """Return one page of `tools/list`.

    Args:
        pins: The whole offer, sorted by name.
        cursor: What the page before gave, or None for the first one.

    Raises:
        ParamsError: No page gave this cursor.
    """
    after = _tool_before(cursor) if cursor is not None else ""
    rest = [pin for pin in pins if pin.tool > after]
    shown = rest[:PAGE]
    result: JsonObject = {"tools": [pin.definition for pin in shown]}
    if len(rest) > PAGE:
        result["nextCursor"] = _cursor(shown[-1].tool)
    return result


def unverified(house: House, task: Task) -> set[str]:
    """Return the systems of a task whose tools were not compared with their pins yet."""
    registry = house.gateway.registry
    pins = (pin for found in registry.boundaries_for(task) for pin in found.pins.values())
    return {pin.system for pin in pins} - registry.verified


async def compare(house: House, systems: set[str]) -> None:
    """Have systems compared, and wait a little; one that does not answer is refused when called."""
    if not systems:
        return
    work = [asyncio.ensure_future(house.comparing.compare(name)) for name in systems]
    for task in work:
        house.background.spawn(task)
    await asyncio.wait(work, timeout=COMPARE_S)


def _cursor(tool: str) -> str:
    return base64.urlsafe_b64encode(tool.encode()).decode()


def _tool_before(cursor: Json) -> str:
    if not isinstance(cursor, str) or len(cursor) > CURSOR_LENGTH_MAX:
        raise ParamsError("the cursor is not one that a page gave")
    try:
        return base64.b64decode(cursor, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise ParamsError("the cursor is not one that a page gave") from None
