"""All that a system offers to be called, from as many pages as it needs; the same in both eras."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from sallyport.adapters.mcp import answers
from sallyport.adapters.mcp.era import Welcome
from sallyport.adapters.mcp.link import Limits, Question, unguarded
from sallyport.errors import UpstreamProtocolError
from sallyport.model import JsonObject, ToolPin
from sallyport.ports import Launch
from sallyport.rules import jsonrpc, methods

Exchange: TypeAlias = Callable[[Question, Launch], Awaitable[jsonrpc.Response]]


async def all_pins(
    system: str, welcome: Welcome, exchange: Exchange, limits: Limits
) -> tuple[ToolPin, ...]:
    """Return every tool once, every method that is governed like one, and the instructions.

    A system that offers methods and does not say that it has tools is not asked for them.

    Raises:
        UpstreamProtocolError: As `all_tools`.
    """
    served = answers.method_pins(system, welcome.methods)
    told = _instructions(system, welcome)
    if served and "tools" not in welcome.offers:
        return (*served, *told)
    return (*await all_tools(system, exchange, limits), *served, *told)


def _instructions(system: str, welcome: Welcome) -> tuple[ToolPin, ...]:
    if not welcome.instructions:
        return ()
    return (answers.pin(system, methods.instructions(welcome.instructions)),)


async def all_tools(system: str, exchange: Exchange, limits: Limits) -> tuple[ToolPin, ...]:
    """Return every tool once.

    Raises:
        UpstreamProtocolError: What the system lists is unusable, too much, or without end.
    """
    pins: dict[str, ToolPin] = {}
    cursors: set[str] = set()
    members: JsonObject = {}
    for _ in range(limits.pages):
        question = Question(method="tools/list", members=members)
        page, cursor = answers.tool_page(system, await exchange(question, unguarded))
        _add(system, pins, page, limits)
        if not cursor:
            return tuple(pins.values())
        if cursor in cursors:
            raise UpstreamProtocolError(f"system `{system}` lists its tools in a circle")
        cursors.add(cursor)
        members = {"cursor": cursor}
    raise UpstreamProtocolError(
        f"system `{system}` lists its tools on more than {limits.pages} pages"
    )


def _add(system: str, pins: dict[str, ToolPin], page: Sequence[ToolPin], limits: Limits) -> None:
    for pin in page:
        if pin.tool in pins:
            raise UpstreamProtocolError(f"system `{system}` lists the tool `{pin.tool}` twice")
        pins[pin.tool] = pin
    if len(pins) > limits.tools:
        raise UpstreamProtocolError(f"system `{system}` lists more than {limits.tools} tools")
